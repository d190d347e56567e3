package canvas

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// TestTogether runs two extracts with one token at the same time, each of which would use the whole bucket if it were alone. Neither
// trips the limit more than now and then, and both bring everything.
func TestTogether(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 7, Courses: 60, Latency: 10 * time.Millisecond})
	tuning := hasty
	tuning.Deadline, tuning.Pause = time.Minute, 20*time.Millisecond
	var both sync.WaitGroup
	for range 2 {
		l, cfg := extracttest.Lake(t), configOf(s, false)
		cfg.NumAsyncWorkers = 32
		source, err := open(cfg, extract.Env{Now: func() time.Time { return now }}, tuning)
		if err != nil {
			t.Fatal(err)
		}
		both.Go(func() {
			if _, err := extract.Run(t.Context(), l, extracttest.Plan(source, now)); err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff(truthOf(t, s, now), rawOf(t, l, now)); diff != "" {
				t.Errorf("raw rows (-want +got):\n%.2000s", diff)
			}
		})
	}
	both.Wait()
	stats := s.Stats()
	t.Logf("%d requests, %d refused, up to %d under way", stats.Total(), stats.Refusals, stats.MaxInFlight)
	if stats.Refusals*20 > stats.Total() {
		t.Errorf("%d of %d requests refused", stats.Refusals, stats.Total())
	}
}
