package run

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/report"
)

// LatestReport is the name of the page that tells how the lake stands.
const LatestReport = "latest.html"

// MakeReport returns the page about the lake and the configured jobs, in HTML.
func (e *Env) MakeReport(ctx context.Context, l *lake.Lake) ([]byte, error) {
	jobs, err := job.Select(e.Config.JobNames)
	if err != nil {
		return nil, err
	}
	o := report.Options{Jobs: jobs, Now: e.Now(), Version: e.Version}
	if e.askMySQL != nil {
		o.MySQL = e.askMySQL(ctx, e.Config)
	}
	return report.Make(ctx, l, o)
}

// RefreshReport renews the page that the lake keeps, unless the program was told to stop. A failure is only a warning.
func (e *Env) RefreshReport(ctx context.Context, l *lake.Lake) {
	if ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	page, err := e.MakeReport(ctx, l)
	if err == nil {
		err = l.PutReport(ctx, LatestReport, page)
	}
	if err != nil {
		e.Log.Warn("the report was not renewed", "error", err, "remedy", "course-inventory report")
	}
}
