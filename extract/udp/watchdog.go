package udp

import (
	"context"
	"errors"
	"time"
)

// errStandstill is the cause of a context that a watchdog ended.
var errStandstill = errors.New("nothing came for too long")

// watchdog ends a context unless it is told again and again that work goes on.
type watchdog struct {
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

// watch returns a context that ends after d, and the watchdog that can put this off.
func watch(ctx context.Context, d time.Duration) (context.Context, *watchdog) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watchdog{time.AfterFunc(d, func() { cancel(errStandstill) }), cancel}
}

// allow gives the work another d from now on.
func (w *watchdog) allow(d time.Duration) { w.timer.Reset(d) }

// end ends the context and the watch.
func (w *watchdog) end() {
	w.timer.Stop()
	w.cancel(nil)
}
