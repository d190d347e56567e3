package canvas

import (
	"fmt"
	"strconv"
	"strings"
)

// ident is an id of Canvas: a number or, in GraphQL and where a client asked for it, a string of
// digits. It has 64 bits: ids of other shards exceed what a float holds.
type ident int64

// UnmarshalJSON reads the id exactly.
func (i *ident) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil // a pointer stays nil, which the callers check
	}
	if len(text) >= 2 && text[0] == '"' {
		text = text[1 : len(text)-1]
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strings.HasPrefix(text, "+") {
		return fmt.Errorf("%.30q is no id", text)
	}
	*i = ident(n)
	return nil
}

// ptr returns the id as a nullable column holds it.
func (i *ident) ptr() *int64 {
	if i == nil {
		return nil
	}
	n := int64(*i)
	return &n
}

// text returns a string that must not be NULL.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// idents returns what identifies the rows of a page, by their ids. A row without one is like any other such row.
func idents[T any](of func(T) *ident) func(*[]T) []string {
	return func(page *[]T) []string {
		return keys(*page, func(row T) string {
			if i := of(row); i != nil {
				return id(int64(*i))
			}
			return ""
		})
	}
}

func keys[T any](rows []T, of func(T) string) []string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = of(row)
	}
	return list
}

// id returns an id as part of a path.
func id(n int64) string { return strconv.FormatInt(n, 10) }
