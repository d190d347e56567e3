package clock

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

func TestAnswer(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name      string
		asked     time.Duration // before now
		date      time.Time
		age       string
		simulated bool
		refused   string // part of the error
	}{
		{name: "same", date: now},
		{name: "an hour", date: now.Add(-time.Hour)},
		{name: "the server is behind", date: now.Add(-61 * time.Minute), refused: "2026-03-02T08:59:00Z, this machine's says 2026-03-02T10:00:00Z, 1 h 1 min ahead"},
		{name: "the server is ahead", date: now.Add(61 * time.Minute), refused: "1 h 1 min behind"},
		{name: "a year", date: now.AddDate(1, 0, 0), refused: "365 d 0 h behind"},
		{name: "a slow answer", asked: 3 * time.Hour, date: now.Add(-150 * time.Minute)},
		{name: "an answer that a cache kept", date: now.Add(-5 * time.Hour), age: "18000"},
		{name: "one that a cache kept for less", date: now.Add(-5 * time.Hour), age: "60", refused: "ahead"},
		{name: "no date"},
		{name: "simulated, the same day", simulated: true, date: now.Add(13 * time.Hour)},
		{name: "simulated, the day before", simulated: true, date: now.Add(-11 * time.Hour), refused: "COURSE_INVENTORY_CLOCK's says"},
		{name: "simulated, the day after", simulated: true, date: now.Add(15 * time.Hour), refused: "behind"},
		{name: "simulated, a server with the real time", simulated: true, date: time.Now()},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.Header{}
			if !c.date.IsZero() {
				h.Set("Date", c.date.UTC().Format(http.TimeFormat))
			}
			if c.age != "" {
				h.Set("Age", c.age)
			}
			err := Own{Now: func() time.Time { return now }, Compared: true, Simulated: c.simulated}.Answer(h, now.Add(-c.asked))
			if c.refused == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if fault.ClassOf(err) != fault.Config || fault.HintOf(err) == "" || !strings.Contains(err.Error(), c.refused) {
				t.Errorf("got %v (%v, remedy %q), want a configuration error with %q", err, fault.ClassOf(err), fault.HintOf(err), c.refused)
			}
		})
	}
}

// A simulated clock in the future is refused by servers with the real time, too.
func TestSimulatedFuture(t *testing.T) {
	future := time.Now().AddDate(50, 0, 0)
	err := Own{Now: func() time.Time { return future }, Compared: true, Simulated: true}.Agree(time.Now(), future)
	if fault.ClassOf(err) != fault.Config {
		t.Error(err)
	}
	if err := (Own{Compared: true}).Agree(time.Now(), time.Now()); err != nil {
		t.Error(err)
	}
}
