package udp

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/bigquery"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestOddEvent reads an event without a time: it is left out and named, and the others are there.
func TestOddEvent(t *testing.T) {
	events := []campus.Event{started(0, 0, "213167"), started(1, time.Second, "213167"), started(2, 2*time.Second, "?")}
	w := newWorld(t, events, nil)
	inner := w.server
	cell := regexp.MustCompile(`(\{"v":"` + events[1].ID + `"\},)\{"v":"[^"]*"\}`)
	w.serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		inner.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			if name != "Content-Length" {
				rw.Header()[name] = values
			}
		}
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(cell.ReplaceAll(answer.Body.Bytes(), []byte(`$1{"v":null}`)))
	}))
	l := extracttest.Lake(t)
	if _, err := w.run(t, l, nil); err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, l, lake.DateOf(now))
	if len(rows) != 2 || rows[0].EventID != events[0].ID || rows[1].EventID != events[2].ID {
		t.Errorf("rows %+v", rows)
	}
	s, err := l.Find(t.Context(), "raw/udp/event", lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Checks) != 1 || s.Checks[0].Name != "items_left_out" || s.Checks[0].Examples[0] != "event "+events[1].ID+": event_time: missing" {
		t.Errorf("checks %+v", s.Checks)
	}
}
