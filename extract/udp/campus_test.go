package udp

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestCampus reads a simulated university of every profile on three nights: each brings the starts of its
// interval that are stored by then, as often as they are stored.
func TestCampus(t *testing.T) {
	monday := time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)
	for _, profile := range []campus.Profile{campus.Clean, campus.Throttled, campus.Flaky, campus.Hostile} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()
			s := campustest.Start(t, campus.Options{Seed: 4, Courses: 24, Date: monday, Profile: profile, Stall: 300 * time.Millisecond})
			w := &world{
				tuning: tuning{firstWait: time.Millisecond, maxWait: 5 * time.Millisecond, deadline: 10 * time.Second, patience: time.Minute},
				cfg: &config.Config{MaxReqAttempts: 6, MIVideo: config.MIVideo{
					DefaultLastTimestamp: monday.AddDate(0, 0, -200), UDPTable: s.UDPTable, UDPEdApps: []string{kaf, other}, UDPEndpoint: s.UDPEndpoint, UDPLateDays: 2,
				}},
			}
			l := extracttest.Lake(t)
			for night := range 3 {
				date := monday.AddDate(0, 0, night)
				if err := s.SetDay(t.Context(), date); err != nil {
					t.Fatal(err)
				}
				result, err := w.run(t, l, func(p *extract.Plan) {
					p.Date, p.Now = lake.DateOf(date), func() time.Time { return date.Add(9 * time.Hour) }
				})
				if err != nil {
					t.Fatal(err)
				}
				day, err := s.University().On(date)
				if err != nil {
					t.Fatal(err)
				}
				var want, got []string
				for e := range day.WatchEvents() {
					if e.Type == "MediaEvent" && e.Action == "Started" && slices.Contains(w.cfg.MIVideo.UDPEdApps, e.EdApp) &&
						!e.Time.Before(result.Tables[0].Interval.From) && e.Time.Before(date) {
						want = append(want, e.ID)
					}
				}
				for _, e := range rowsOf(t, l, lake.DateOf(date)) {
					got = append(got, e.EventID)
				}
				slices.Sort(want)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" || len(got) == 0 {
					t.Errorf("%v: %d events (-want +got)\n%s", date, len(got), diff)
				}
			}
		})
	}
}
