package extractcmd

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestMeter logs every ten seconds, and tells the rate of the last minute and what it lets expect.
func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		pace := extract.Pace{InFlight: 7, Limit: 9, Remaining: 123.4, Refused: 2}
		m := newMeter(func() extract.Pace { return pace })
		stop := m.watch(slog.New(slog.NewJSONHandler(&out, nil)))
		time.Sleep(time.Second / 2) // never at the same instant as the log's line
		for n := range int64(95) {
			time.Sleep(time.Second)
			m.take(extract.Progress{Table: "a", Requests: lake.Requests{Total: 2 * n}, Planned: 1000})
			m.take(extract.Progress{Table: "b", Requests: lake.Requests{Total: 10}, Planned: 400, Finished: true})
			m.take(extract.Progress{Table: "c", Requests: lake.Requests{Total: 5}})
		}
		stop()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 9 {
			t.Fatalf("%d lines in 95 seconds", len(lines))
		}
		var last map[string]any
		if err := json.Unmarshal([]byte(lines[8]), &last); err != nil {
			t.Fatal(err)
		}
		delete(last, "time")
		done := 2*88 + 15.0
		want := map[string]any{
			"level": "INFO", "msg": "progress", "requests_done": done, "requests_expected": 1015.0, "requests_per_second": 2.0,
			"in_flight": 7.0, "in_flight_limit": 9.0, "quota_remaining": 123.4, "refused": 2.0, "seconds_left": last["seconds_left"],
		}
		if diff := cmp.Diff(want, last); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if left := last["seconds_left"].(float64); left < 390 || left > 420 {
			t.Errorf("%v seconds left", left)
		}
		f := m.read()
		if text := f.String(); !strings.HasPrefix(text, "203 of 1,015 requests, 2.0 a second, 7 of 9 under way, quota 123, 2 refused, ") || !strings.HasSuffix(text, "s left") {
			t.Errorf("%q", text)
		}
		pace = extract.Pace{Remaining: -1}
		if text := m.read().String(); strings.Contains(text, "quota") {
			t.Errorf("%q", text)
		}
	})
}
