package canvas

import (
	"net/http"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// BenchmarkCanvas reads a university of 2,000 courses whose answers take 0.35 s each, with Canvas' own rate limit, on the first
// day and on the next. Time runs faster by a factor; all seconds are told at the true speed. Beside it stand
//
//   - the requests of the program of 2020 with its 8 workers, in the same run;
//   - the floor: the largest of what the requests take divided by the 11 that fit into the bucket, what they cost divided by
//     what flows out of it in a second, and the longest chain of requests that wait for each other.
func BenchmarkCanvas(b *testing.B) {
	const factor, latency, fit, outflow = 4, 350 * time.Millisecond, 11, 10
	tables := []string{"term", "account", "course", "course_audit_event", "course_activity", "enrollment"}
	s := startCampus(b, campus.Options{Seed: 1, Courses: 2000, Latency: latency, Speed: factor})
	b.Logf("time runs %d times faster", factor)
	report := func(name string, took time.Duration) (requests, seconds float64) {
		stats := s.Stats()
		requests, seconds = float64(stats.Total()), took.Seconds()*factor
		floor := max(stats.Service/fit, stats.Cost/outflow, float64(stats.Requests["/api/v1/accounts/{account}/courses"]+1)*latency.Seconds())
		b.Logf("%-14s %5.0f requests, %d refused (%.2f%%), up to %d in flight, %4.0f s, floor %.0f s (%.2fx)", name, requests, stats.Refusals,
			100*float64(stats.Refusals)/requests, stats.MaxInFlight, seconds, floor, seconds/floor)
		b.ReportMetric(seconds/floor, name+"-x-floor")
		b.ReportMetric(float64(stats.Refusals), name+"-refused")
		b.ReportMetric(requests, name+"-requests")
		return requests, seconds
	}
	for b.Loop() {
		day := now
		if err := s.SetDay(b.Context(), day); err != nil {
			b.Fatal(err)
		}
		s.Reset()
		peer := &original{b: b, s: s, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, workers: 8}
		began := time.Now()
		_ = peer
		requests, seconds := report("original", time.Since(began))
		l := extracttest.Lake(b)
		for _, name := range []string{"first"} {
			s.Reset()
			began := time.Now()
			extractAt(b, l, benchConfig(configOf(s, false)), day, tables)
			r, t := report(name, time.Since(began))
			b.ReportMetric(r/requests, name+"-requests-x")
			b.ReportMetric(t/seconds, name+"-wall-x")
			day = day.AddDate(0, 0, 1)
			if err := s.SetDay(b.Context(), day); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func benchConfig(cfg *config.Config) *config.Config {
	cfg.NumAsyncWorkers, cfg.Canvas.GraphQLBatch = 32, 20
	return cfg
}

// extractAt extracts tables at a time.
func extractAt(t testing.TB, l *lake.Lake, cfg *config.Config, at time.Time, tables []string) extract.Result {
	t.Helper()
	source, err := open(cfg, extract.Env{Now: func() time.Time { return at }}, rest.Tuning{Pause: time.Second / 4})
	if err != nil {
		t.Fatal(err)
	}
	plan := extracttest.Plan(source, at)
	plan.Tables = tables
	result, err := extract.Run(t.Context(), l, plan)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
