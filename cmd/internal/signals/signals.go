// Package signals tells other programs of the runs of stages: figures to Prometheus, lineage events to whoever speaks
// OpenLineage, an alert to whoever must act. All are off by default, and none of them changes how a run ends: what
// cannot be told is a warning in the log, within a bounded time.
package signals

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// patience is how long a server may take to be told something.
const patience = 10 * time.Second

// errSilent says that a server did not answer.
var errSilent = fmt.Errorf("no answer within %s", patience)

// Teller tells of the runs of a program. Its zero value is ready, and may be used by many runs at once.
//
// A server that did not answer in time is not asked again, so that a program of many runs waits for it once.
type Teller struct {
	mu    sync.Mutex
	given map[string]bool // signals that were given up
}

// gaveUp reports whether a server of that kind of signal was given up.
func (t *Teller) gaveUp(signal string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.given[signal]
}

// giveUp gives a server up, if err says that it did not answer.
func (t *Teller) giveUp(signal string, err error) {
	if !errors.Is(err, errSilent) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.given == nil {
		t.given = map[string]bool{}
	}
	t.given[signal] = true
}

// Watch tells of one run of a stage.
type Watch struct {
	teller *Teller
	config *config.Config
	lake   *lake.Lake
	log    *slog.Logger
	sent   []event // lineage events so far
}

// Begin tells that a run has begun. The caller must call End.
func (t *Teller) Begin(ctx context.Context, cfg *config.Config, l *lake.Lake, log *slog.Logger, run lake.Run) *Watch {
	w := &Watch{teller: t, config: cfg, lake: l, log: log}
	if w.tracesLineage() {
		w.trace(ctx, w.event(start, run, run.StartedAt))
	}
	return w
}

// End tells how the run ended, even if ctx has been cancelled. The lake has its manifests and its record by now.
func (w *Watch) End(ctx context.Context, run lake.Run) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*patience)
	defer cancel()
	if w.tracesLineage() {
		w.trace(ctx, w.lastEvent(ctx, run))
	}
	w.measure(ctx, run)
}

// Killed tells how a run ended that was killed after its Begin, in its stead. Figures are those of the last run of a stage and job, so
// only those of the jobs that had no later one are told.
func (t *Teller) Killed(ctx context.Context, cfg *config.Config, l *lake.Lake, log *slog.Logger, run lake.Run, newest []string) {
	w := &Watch{teller: t, config: cfg, lake: l, log: log}
	if w.tracesLineage() {
		w.sent = []event{w.event(start, run, run.StartedAt)}
		w.trace(ctx, w.lastEvent(ctx, run))
	}
	run.Jobs = newest
	w.measure(ctx, run)
}

// warn logs that something could not be told.
func (w *Watch) warn(what string, err error, remedy string) {
	w.log.Warn("a signal was not sent", "signal", what, "error", err, "remedy", remedy)
}
