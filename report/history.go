package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// runView is a run of a stage.
type runView struct {
	lake.Run
	Jobs  string
	Took  time.Duration
	Rows  int64
	Asked lake.Requests
}

func (f *facts) runViews() []runView {
	var views []runView
	for _, r := range f.runs {
		v := runView{Run: r, Jobs: strings.Join(r.Jobs, ", ")}
		if !r.FinishedAt.IsZero() {
			v.Took = r.FinishedAt.Sub(r.StartedAt)
		}
		for _, d := range r.Tables {
			v.Rows += d.Rows
		}
		if r.Requests != nil {
			v.Asked = *r.Requests
		}
		views = append(views, v)
	}
	return views
}

// troubles returns the runs that did not succeed and were the last ones of their stage for some of the configured jobs, newest first,
// with these jobs. One that is still running says nothing yet.
func (f *facts) troubles(jobs []job.Job) []runView {
	type work struct{ stage, job string }
	ended := map[work]bool{}
	var found []runView
	for _, v := range f.runViews() {
		if v.Status == lake.Running {
			continue
		}
		var of []string
		for _, j := range jobs {
			if w := (work{v.Stage, j.Name}); slices.Contains(v.Run.Jobs, j.Name) && !ended[w] {
				of, ended[w] = append(of, j.Name), true
			}
		}
		if v.Jobs = strings.Join(of, ", "); v.Status != lake.Succeeded && len(of) > 0 {
			found = append(found, v)
		}
	}
	return found
}

// loadView is a load and the tables that it changed.
type loadView struct {
	lake.Run
	Jobs   string
	Tables []lake.Done
}

func (f *facts) loads() []loadView {
	var views []loadView
	for _, r := range f.runs {
		if r.Stage != "load" || r.Status != lake.Succeeded || len(views) == shownLoads {
			continue
		}
		v := loadView{Run: r, Jobs: strings.Join(r.Jobs, ", ")}
		for _, d := range r.Tables {
			if d.Changes != nil && d.Changes.Total() > 0 {
				v.Tables = append(v.Tables, d)
			}
		}
		views = append(views, v)
	}
	return views
}

// quotaView tells what was asked of a source.
type quotaView struct {
	Source  string
	Last    lake.Requests // on the last day with a run
	Date    lake.Date
	Refused int64 // in all days of the plot
	Plot    plotView
}

// quotas adds up the requests of each source and day.
func (f *facts) quotas(now time.Time) []quotaView {
	days := map[string]map[lake.Date]lake.Requests{}
	for _, r := range f.runs {
		source, extract := strings.CutPrefix(r.Stage, "extract-")
		if !extract || r.Requests == nil {
			continue
		}
		if days[source] == nil {
			days[source] = map[lake.Date]lake.Requests{}
		}
		d := lake.DateOf(r.StartedAt)
		sum := days[source][d]
		sum.Add(*r.Requests)
		days[source][d] = sum
	}
	var views []quotaView
	for source, byDay := range days {
		v := quotaView{Source: source}
		var points []point
		for d, sum := range byDay {
			if v.Date.Before(d) {
				v.Date, v.Last = d, sum
			}
			v.Refused += sum.Throttled
			points = append(points, point{d, sum.Total})
		}
		v.Plot = plot(source, "requests a day", points, lake.DateOf(now))
		views = append(views, v)
	}
	slices.SortFunc(views, func(a, b quotaView) int { return cmp.Compare(a.Source, b.Source) })
	return views
}
