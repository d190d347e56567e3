// Package clock compares this program's clock with those of the servers that it asks.
//
// The clock decides which date a snapshot gets, and snapshots of a date in the future stand in the way of all that follow. So a
// source is only read while its clock and this one agree.
package clock

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Tolerance is how far two clocks may be apart.
const Tolerance = time.Hour

// Own is this program's clock.
type Own struct {
	Now       func() time.Time // nil for time.Now
	Compared  bool             // it is held against other clocks; else they all agree
	Simulated bool             // Now is COURSE_INVENTORY_CLOCK's
}

// Time returns the time by this clock, in UTC.
func (o Own) Time() time.Time {
	if o.Now == nil {
		return time.Now().UTC()
	}
	return o.Now().UTC()
}

// Answer compares the clock with the Date of an answer by HTTP that was asked for at a time of this clock. It returns an error of
// class Config if they do not agree, and nil for an answer without a Date.
//
// The Date is when the answer was made; of one that a cache kept, Age says for how many seconds.
func (o Own) Answer(h http.Header, asked time.Time) error {
	theirs, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return nil
	}
	if age, err := strconv.ParseInt(strings.TrimSpace(h.Get("Age")), 10, 32); err == nil && age > 0 {
		theirs = theirs.Add(time.Duration(age) * time.Second)
	}
	return o.Agree(theirs, asked.Add(-time.Second)) // a Date has whole seconds
}

// Agree compares the clock with the time that a server told, between asked and now. It returns an error of class Config if they are
// further apart than Tolerance.
//
// A simulated clock is compared by its date. A server that follows a simulated clock of its own, such as the simulated
// university, must have the same. One that has the real time may be later, for a past day may be replayed, but not earlier.
func (o Own) Agree(theirs, asked time.Time) error {
	theirs, now := theirs.UTC(), o.Time()
	if !o.Compared {
		return nil
	}
	if !o.Simulated {
		if skew := Skew(theirs, asked, now); skew.Abs() > Tolerance {
			return o.disagree(theirs, now)
		}
		return nil
	}
	real := time.Until(theirs).Abs() <= Tolerance
	if our, their := day(now), day(theirs); our.After(their) || !real && our.Before(their) {
		return o.disagree(theirs, now)
	}
	return nil
}

// Skew returns by how much a clock that told a time between asked and now is ahead of the one that told these; it is negative for one
// that is behind.
func Skew(theirs, asked, now time.Time) time.Duration {
	switch {
	case theirs.Before(asked):
		return theirs.Sub(asked)
	case theirs.After(now):
		return theirs.Sub(now)
	}
	return 0
}

func (o Own) disagree(theirs, now time.Time) error {
	ours, remedy := "this machine's", "set this machine's clock and let it follow a time server (NTP); if it is right, have the source's clock set"
	if o.Simulated {
		ours, remedy = "COURSE_INVENTORY_CLOCK's", "unset COURSE_INVENTORY_CLOCK, or set it to the date of the source"
	}
	apart, side := now.Sub(theirs), "ahead"
	if apart < 0 {
		apart, side = -apart, "behind"
	}
	return fault.New(fault.Config, remedy, fmt.Errorf("its clock says %s, %s says %s, %s %s", stamp(theirs), ours, stamp(now), span(apart), side))
}

func day(t time.Time) time.Time { return t.Truncate(24 * time.Hour) }

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05Z") }

// span writes a time span in days and hours, or hours and minutes.
func span(d time.Duration) string {
	d = d.Round(time.Minute)
	if days := d / (24 * time.Hour); days > 0 {
		return fmt.Sprintf("%d d %d h", days, int((d % (24 * time.Hour)).Hours()))
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
