package run

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
)

// RefreshCatalog brings the lake's catalog up to date after a change of its tables. What was committed stays committed if that
// fails, so a failure is only a warning.
func (e *Env) RefreshCatalog(ctx context.Context, l *lake.Lake) {
	if ctx.Err() != nil {
		// The catalog is worth a moment even when the run was cancelled.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
	}
	began := time.Now()
	c, err := catalog.Rebuild(ctx, l, false)
	if err == nil {
		e.Log.Debug("the catalog is up to date", "snapshots", len(c.Snapshots), "seconds", time.Since(began).Seconds())
		err = c.Err()
	}
	if err != nil {
		e.Log.Warn("the catalog for DuckDB lacks what it should show", "error", err, "hint", fault.HintOf(err), "remedy", "course-inventory lake catalog")
	}
}
