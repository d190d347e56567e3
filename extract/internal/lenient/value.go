// Package lenient reads values that a source may send in an odd form: a year of five digits, a text for a number. One such value is
// NULL, noted and counted; it never stops the list that it stands in. Whether a row can do without it is for the row's owner to say.
package lenient

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// Value is a member of a JSON object. Null, an absent member and one that cannot be read as a T have no value; the last is remembered as odd.
// Numbers of type int64 may come as text, texts as numbers, and times must lie in the years 1 to 9999, which Parquet and MySQL both hold.
type Value[T any] struct {
	value *T
	odd   string // the JSON that could not be read, shortened
}

// Of returns a value.
func Of[T any](v T) Value[T] { return Value[T]{value: &v} }

// Get returns the value, nil if there is none.
func (v Value[T]) Get() *T { return v.value }

// Odd returns what could not be read, "" if nothing was.
func (v Value[T]) Odd() string { return v.odd }

// Or returns the value for a nullable column, and notes one that could not be read. field and item name the place, such as start_at and course 5.
func (v Value[T]) Or(t *tally.Table, field, item string) *T {
	if v.odd != "" {
		t.Unread(field, item, v.odd)
	}
	return v.value
}

// Missing says why there is no value, as part of an error: "name: missing". It is "" where there is one.
func (v Value[T]) Missing(field string) string {
	switch {
	case v.value != nil:
		return ""
	case v.odd != "":
		return fmt.Sprintf("%s: %s cannot be read", field, v.odd)
	}
	return field + ": missing"
}

// UnmarshalJSON never fails.
func (v *Value[T]) UnmarshalJSON(data []byte) error {
	*v = Value[T]{}
	if string(data) == "null" {
		return nil
	}
	var value T
	if err := read(data, &value); err != nil {
		v.odd = show(data)
		return nil
	}
	v.value = &value
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads, odd values included.
func (v Value[T]) MarshalJSON() ([]byte, error) {
	switch {
	case v.value != nil:
		return json.Marshal(v.value)
	case v.odd != "":
		return json.Marshal(map[string]string{"odd": v.odd})
	}
	return []byte("null"), nil
}

// show returns a JSON value as far as an error may quote it.
func show(data []byte) string {
	switch data[0] {
	case '{':
		var kept map[string]string // of MarshalJSON
		if json.Unmarshal(data, &kept) == nil && len(kept) == 1 && kept["odd"] != "" {
			return kept["odd"]
		}
		return "an object"
	case '[':
		return "an array"
	}
	text := rest.Clean(string(data), "")
	if len(text) > 40 {
		text = strings.ToValidUTF8(text[:40], "") + "…"
	}
	return text
}

func read(data []byte, into any) error {
	switch v := into.(type) {
	case *time.Time:
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return err
		}
		*v = at.UTC().Truncate(time.Microsecond)
		return Storable(*v)
	case *int64:
		return readInt(strings.Trim(string(data), `"`), v)
	case *string:
		if data[0] == '-' || data[0] >= '0' && data[0] <= '9' {
			*v = string(data)
			return nil
		}
		return json.Unmarshal(data, v)
	default:
		return json.Unmarshal(data, into)
	}
}

// Storable returns an error for a time outside of the years 1 to 9999.
func Storable(t time.Time) error {
	if year := t.UTC().Year(); year < 1 || year > 9999 {
		return fmt.Errorf("year %d", year)
	}
	return nil
}

// readInt reads 12 and 12.0 exactly.
func readInt(text string, into *int64) (err error) {
	if *into, err = strconv.ParseInt(text, 10, 64); err == nil {
		return nil
	}
	if len(text) > 40 || strings.ContainsAny(text, "eE/_xXpP") {
		return errors.New("no integer")
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return errors.New("no integer")
	}
	*into = r.Num().Int64()
	return nil
}
