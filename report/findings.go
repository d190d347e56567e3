package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// gateView is a gate that snapshots of a table did not pass in the last days.
type gateView struct {
	Table string
	Date  lake.Date // the newest one, of which the check is
	Dates int
	lake.Check
}

// gates returns what the gates found in the last days, newest first, and how many passed on each table's newest date.
func (f *facts) gates() (found []gateView, passed int64) {
	for _, t := range f.sorted("") {
		newest, _ := f.newest(t)
		at := map[string]int{}
		for _, s := range slices.Backward(f.tables[t]) {
			for _, c := range s.Checks {
				if c.Passed {
					if s.Date == newest.Date {
						passed++
					}
					continue
				}
				i, known := at[c.Name]
				if !known {
					i, at[c.Name] = len(found), len(found)
					found = append(found, gateView{Table: strings.TrimPrefix(string(t), "curated/"), Date: s.Date, Check: c})
				}
				found[i].Dates++
			}
		}
	}
	slices.SortStableFunc(found, func(a, b gateView) int { return b.Date.Compare(a.Date) })
	return found, passed
}

// driftView is a change of a schema.
type driftView struct {
	Date  lake.Date
	Table string
	lake.Drift
}

// drift returns the changes of schemas in the last days, newest first.
func (f *facts) drift() []driftView {
	var found []driftView
	for _, t := range f.sorted("") {
		for _, s := range f.tables[t] {
			for _, d := range s.Drift {
				found = append(found, driftView{s.Date, string(t), d})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b driftView) int {
		return cmp.Or(b.Date.Compare(a.Date), strings.Compare(a.Table, b.Table))
	})
	return found
}

// rowPlots returns a plot for each table of an area.
func (f *facts) rowPlots(area string, now time.Time) []plotView {
	var plots []plotView
	for _, t := range f.sorted(area) {
		if t.IsRejected() {
			continue
		}
		var points []point
		unit := "rows"
		for _, s := range f.tables[t] {
			if s.Interval != nil {
				unit = "rows per day"
			}
			points = append(points, point{s.Date, rate(s)})
		}
		plots = append(plots, plot(strings.TrimPrefix(string(t), area), unit, points, lake.DateOf(now)))
	}
	return plots
}

// rate returns the rows of a snapshot. Of an interval it returns the rows per day: the first interval of a table may hold years, and a
// later one a day, so that their rows cannot be compared.
func rate(s lake.Snapshot) int64 {
	if s.Interval == nil {
		return s.Rows()
	}
	days := s.Interval.To.Sub(s.Interval.From).Hours() / 24
	return int64(math.Round(float64(s.Rows()) / max(days, 1)))
}

// page lays out what was found.
func (f *facts) page(o Options) page {
	p := page{Lake: f.url, Made: o.Now, Version: o.Version, MaxAge: duration(MaxAge), Days: readDays, Problems: f.problems}
	p.MySQL = o.MySQL
	p.Jobs = f.jobs(o)
	p.Troubles = f.troubles(o.Jobs)
	p.Verdict = f.judge(p.Jobs, len(p.Troubles))
	p.Plots, p.RawPlots = f.rowPlots("curated/", o.Now), f.rowPlots("raw/", o.Now)
	p.Gates, p.Passed = f.gates()
	p.Drift, p.More.Drift = first(f.drift(), shownDrift)
	p.Runs, p.More.Runs = first(f.runViews(), shownRuns)
	p.Quotas = f.quotas(o.Now)
	p.Loads = f.loads()
	return p
}

// first returns the beginning of a list and how many are left out.
func first[T any](list []T, most int) ([]T, int64) {
	if len(list) <= most {
		return list, 0
	}
	return list[:most], int64(len(list) - most)
}
