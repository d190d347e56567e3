package run

import (
	"context"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// amongRuns is how many of the newest records are looked through for those of killed runs.
const amongRuns = 100

// search is when killed runs were searched for. It is shared by all runs of a program, each of which would search.
type search struct {
	mu   sync.Mutex
	last time.Time
}

func (s *search) due(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.last) < lake.Silence {
		return false
	}
	s.last = now
	return true
}

// closeKilled writes down the end of runs that were killed, and tells of it in their stead. Two programs that find one at the same
// moment tell the same. A run that was only asleep has the last word.
func (e *Env) closeKilled(ctx context.Context, l *lake.Lake) {
	now := e.Now()
	if !e.killed.due(now) {
		return
	}
	runs, err := l.Runs(ctx, amongRuns)
	if err != nil {
		e.Log.Warn("runs that were killed were not searched for", "error", err)
		return
	}
	later := map[[2]string]bool{} // stage and job
	for _, r := range runs {
		var newest []string // jobs that had no later run of the stage
		for _, j := range r.Jobs {
			if at := [2]string{r.Stage, j}; !later[at] {
				later[at] = true
				newest = append(newest, j)
			}
		}
		open := r.Status == lake.Running
		if r = r.Judge(now); !open || r.Status != lake.Killed {
			continue
		}
		if err := putRecord(ctx, l, r); err != nil {
			e.Log.Warn("that a run was killed was not written down", "killed", string(r.ID), "error", err)
			continue
		}
		e.Log.Warn("an earlier run was killed", "killed", string(r.ID), "killed_stage", r.Stage, "last_seen", r.FinishedAt.Format(time.RFC3339))
		e.teller.Killed(ctx, e.Config, l, e.Log, r, newest)
	}
}
