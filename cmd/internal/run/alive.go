package run

import (
	"context"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// recordTime is how long it may take to write a record.
const recordTime = 10 * time.Second

// keepAlive renews the record of a run until stop is called, also while a cancelled run winds up. When stop returns, nothing of it
// can replace the record any more.
func (e *Env) keepAlive(ctx context.Context, l *lake.Lake, record lake.Run) (stop func()) {
	log := e.Log
	ctx = context.WithoutCancel(ctx)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(lake.Pulse)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				record.SeenAt = e.Now()
				if err := putRecord(ctx, l, record); err != nil {
					log.Warn("the record of the run was not renewed, so the run may be taken for killed", "error", err)
				}
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

func putRecord(ctx context.Context, l *lake.Lake, record lake.Run) error {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	return l.PutRun(ctx, record)
}
