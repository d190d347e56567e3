package canvas

import (
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// BenchmarkExtractCampus reads a university of 2,000 courses whose answers take 20 ms each. The ratio compares
// the time with that of the same requests sent without a gap by all workers: the plain floor.
func BenchmarkExtractCampus(b *testing.B) {
	const latency = 20 * time.Millisecond
	s := startCampus(b, campus.Options{Seed: 1, Courses: 2000, Latency: latency})
	cfg := configOf(s, false)
	var seconds, requests, refusals, rows float64
	for b.Loop() {
		s.Reset()
		source, err := open(cfg, extract.Env{}, rest.Tuning{})
		if err != nil {
			b.Fatal(err)
		}
		plan := extracttest.Plan(source, now)
		plan.Tables = []string{"term", "account", "course", "course_audit_event", "course_activity", "enrollment"}
		began := time.Now()
		result, err := extract.Run(b.Context(), extracttest.Lake(b), plan)
		if err != nil {
			b.Fatal(err)
		}
		seconds += time.Since(began).Seconds()
		requests += float64(result.Requests.Total)
		refusals += float64(s.Stats().Refusals)
		for _, t := range result.Tables {
			rows += float64(t.Rows)
		}
	}
	n := float64(b.N)
	floor := requests * latency.Seconds() / float64(cfg.NumAsyncWorkers)
	b.ReportMetric(seconds/n, "seconds")
	b.ReportMetric(requests/n, "requests")
	b.ReportMetric(refusals/n, "refusals")
	b.ReportMetric(rows/n, "rows")
	b.ReportMetric(seconds/floor, "x-floor")
}
