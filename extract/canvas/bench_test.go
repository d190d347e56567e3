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

// benchSpeed is how many times faster time runs in the benchmark: the latency, the rate limit's outflow and the pauses after
// refusals. A larger one measures the processor instead.
const benchSpeed = 4

// BenchmarkCanvas reads a university of 2,000 courses whose answers take 0.35 s each, with Canvas' own rate limit, on a first
// day and on the next. All seconds are told at the true speed. Beside it stand
//
//   - the requests of the program of 2020 with its 8 workers, in the same run;
//   - the floor: the largest of what the requests take divided by the 11 that fit into the bucket, what they cost divided by
//     what flows out of it in a second, and the longest chain of requests that wait for each other.
func BenchmarkCanvas(b *testing.B) {
	const latency, fit, outflow = 350 * time.Millisecond, 11, 10
	s := startCampus(b, campus.Options{Seed: 1, Courses: 2000, Latency: latency, Speed: benchSpeed})
	b.Logf("time runs %d times faster", benchSpeed)
	report := func(name string, took time.Duration) (requests, seconds float64) {
		stats := s.Stats()
		requests, seconds = float64(stats.Total()), took.Seconds()*benchSpeed
		chain := float64(stats.Requests["/api/v1/accounts/{account}/courses"]+1) * latency.Seconds()
		floor := max(stats.Service/fit, stats.Cost/outflow, chain)
		b.Logf("%-8s %5.0f requests, %d refused (%.2f%%), up to %d under way, %4.0f s: %.2fx the floor of %.0f s", name, requests, stats.Refusals,
			100*float64(stats.Refusals)/requests, stats.MaxInFlight, seconds, seconds/floor, floor)
		b.ReportMetric(seconds/floor, name+"-x-floor")
		b.ReportMetric(100*float64(stats.Refusals)/requests, name+"-refused-%")
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
		peer.run()
		requests, seconds := report("original", time.Since(began))
		l := extracttest.Lake(b)
		for _, name := range []string{"first", "daily"} {
			s.Reset()
			began := time.Now()
			benchRun(b, l, configOf(s, false), day)
			r, t := report(name, time.Since(began))
			b.ReportMetric(r/requests, name+"-x-requests")
			b.ReportMetric(t/seconds, name+"-x-wall")
			day = day.AddDate(0, 0, 1)
			if err := s.SetDay(b.Context(), day); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// benchRun extracts the tables of the job COURSE_INVENTORY, all that the original read of Canvas for it, at the edge of the quota.
func benchRun(b *testing.B, l *lake.Lake, cfg *config.Config, at time.Time) {
	b.Helper()
	cfg.NumAsyncWorkers, cfg.Canvas.GraphQLBatch = 32, 20
	source, err := open(cfg, extract.Env{Now: func() time.Time { return at }}, rest.Tuning{Pause: time.Second / benchSpeed})
	if err != nil {
		b.Fatal(err)
	}
	plan := extracttest.Plan(source, at)
	plan.Tables = []string{"term", "account", "course", "course_audit_event", "course_activity", "enrollment"}
	if _, err := extract.Run(b.Context(), l, plan); err != nil {
		b.Fatal(err)
	}
}
