package lake

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
)

// Date is a civil date in UTC, the `dt` of a snapshot. The zero Date is no date.
// Dates are comparable with ==.
type Date struct{ t time.Time }

// ParseDate reads a date of the form 2006-01-02.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if parsed := new(time.ParseError); errors.As(err, &parsed) && strings.HasSuffix(parsed.Message, "out of range") {
		return Date{}, fmt.Errorf("there is no day %s", s)
	}
	if err != nil {
		return Date{}, fmt.Errorf("date %q is not of the form YYYY-MM-DD", s)
	}
	return Date{t}, nil
}

// Today returns the date of a clock that says now, or the next one where that begins within the difference that clocks may have. Dates
// after it are in the future.
func Today(now time.Time) Date { return DateOf(now.Add(clock.Tolerance)) }

// DateOf returns the UTC date of an instant.
func DateOf(t time.Time) Date { return Date{t.UTC().Truncate(24 * time.Hour)} }

// String returns the date as 2006-01-02, or "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(time.DateOnly)
}

// Time returns the first instant of the date in UTC.
func (d Date) Time() time.Time { return d.t }

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d.t.IsZero() }

// AddDays returns the date n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date { return Date{d.t.AddDate(0, 0, n)} }

// Compare returns -1, 0 or 1 as d is before, equal to or after o.
func (d Date) Compare(o Date) int { return d.t.Compare(o.t) }

// Before reports whether d is before o.
func (d Date) Before(o Date) bool { return d.t.Before(o.t) }

// Equal reports whether d and o are the same date.
func (d Date) Equal(o Date) bool { return d.t.Equal(o.t) }

// MarshalText writes the date as 2006-01-02.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date of the form 2006-01-02, or the zero Date from an empty text.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(b))
	if err == nil {
		*d = parsed
	}
	return err
}
