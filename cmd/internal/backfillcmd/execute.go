package backfillcmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// executor does the planned steps, each as soon as those before it have ended and there is room.
type executor struct {
	env    *run.Env
	lake   *lake.Lake
	active chan struct{} // as many as may be under way
	loads  sync.Mutex    // the database takes one load at a time
	total  int64
	done   atomic.Int64
}

// execute does the planned steps. When ctx ends it begins nothing more, and waits for what is under way.
func execute(ctx context.Context, e *run.Env, l *lake.Lake, steps []*step, atOnce int) error {
	x := &executor{env: e, lake: l, active: make(chan struct{}, atOnce)}
	for _, s := range steps {
		if s.state == planned {
			x.total++
		}
	}
	x.progress(0)
	stop := context.AfterFunc(ctx, func() { e.Log.Warn("no more steps are begun; a second signal ends those under way at once") })
	defer stop()
	var wg sync.WaitGroup
	for _, s := range steps {
		wg.Go(func() {
			defer close(s.end)
			if s.state == planned {
				x.step(ctx, s)
				x.progress(1)
			}
		})
	}
	wg.Wait()
	return verdict(ctx, steps)
}

// refresh brings up to date what is derived from all runs.
func refresh(ctx context.Context, e *run.Env, l *lake.Lake, steps []*step) {
	if slices.ContainsFunc(steps, func(s *step) bool { return s.state == made && s.stage != loadStage }) {
		e.RefreshCatalog(ctx, l)
	}
	if slices.ContainsFunc(steps, func(s *step) bool { return s.state == made || s.state == failed }) {
		e.RefreshReport(ctx, l)
	}
}

func (x *executor) progress(more int64) {
	if done := x.done.Add(more); x.total > 0 {
		x.env.Progress("backfill", "steps", done, x.total)
	}
}

// step waits for what the step follows and does it.
func (x *executor) step(ctx context.Context, s *step) {
	s.state = unbegun
	for _, other := range slices.Concat(s.needs, s.after) {
		select {
		case <-other.end:
		case <-ctx.Done():
			return
		}
	}
	for _, other := range s.needs {
		if !other.good() {
			s.state, s.why = stranded, fmt.Sprintf("its %s %s", other.stage, other.state)
			if other.state == unbegun {
				s.state, s.why = unbegun, ""
			}
			return
		}
	}
	select {
	case x.active <- struct{}{}:
		defer func() { <-x.active }()
	case <-ctx.Done():
		return
	}
	if s.stage == loadStage {
		x.loads.Lock()
		defer x.loads.Unlock()
	}
	if ctx.Err() != nil {
		return
	}
	x.do(ctx, s)
}

// do does a step. What has begun is finished: a signal stops the backfill between steps.
func (x *executor) do(ctx context.Context, s *step) {
	began := time.Now()
	e := x.envOf(s)
	report, err := s.work(context.WithoutCancel(ctx), e, x.lake)
	s.took = time.Since(began)
	for _, l := range report.Lines {
		s.rows += l.Rows
	}
	s.date = e.To // where an older date was taken for one that failed
	if err != nil {
		s.state, s.err, s.why = failed, err, strings.ReplaceAll(err.Error(), "\n", " ")
		x.env.Log.Error("a date failed", "stage", s.stage, "job", s.job, "dt", s.date.String(), "error", err, "remedy", fault.HintOf(err))
		return
	}
	s.state = made
}

// envOf returns the Env for a step, whose progress is that of the whole.
func (x *executor) envOf(s *step) *run.Env {
	e := x.env
	for _, j := range x.env.Jobs {
		if j.Name == s.job {
			e = x.env.ForJob(j)
		}
	}
	cfg := *e.Config
	cfg.CreateCSVs = false // they are of one date, the newest that a night made
	e.Config, e.Batch, e.From, e.To = &cfg, true, s.date, s.date
	e.Progress = func(string, string, int64, int64) {}
	return e
}

// verdict returns the error with which the backfill ends.
func verdict(ctx context.Context, steps []*step) error {
	var errs []error
	left := 0
	for _, s := range steps {
		if s.err != nil {
			errs = append(errs, fmt.Errorf("%s of %s, %s: %w", s.stage, s.job, s.date, s.err))
		}
		if s.state == unbegun {
			left++
		}
	}
	worst := run.Worst(errs...)
	switch {
	case ctx.Err() != nil && left > 0:
		return fault.New(fault.Interrupted, "run the same command again: it goes on where it stopped",
			fmt.Errorf("%s left: %w", quantity.Of(left, "step"), context.Cause(ctx)))
	case len(errs) > 1:
		return fmt.Errorf("%d steps failed, the worst: %w", len(errs), worst)
	default:
		return worst
	}
}
