package backfillcmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/standing"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// split tells the tables of which the database holds one snapshot from those to which every date adds.
func split(tables []string) (whole, incremental []string) {
	for _, t := range load.Tables() {
		switch {
		case !slices.Contains(tables, t.Name):
		case t.Hour != "" || t.Owner != "":
			incremental = append(incremental, t.Name)
		default:
			whole = append(whole, t.Name)
		}
	}
	return whole, incremental
}

// planLoad plans every date of the incremental tables, and the newest one of the others, since they replace each other.
func (p *planner) planLoad(ctx context.Context, j job.Job, tables []string, transforms []*step) ([]*step, error) {
	whole, incremental := split(tables)
	var steps []*step
	dates := p.dates()
	for _, d := range dates {
		s, err := p.planLoadOf(ctx, j, incremental, d, transforms)
		if err != nil {
			return nil, err
		}
		if s != nil {
			steps = chain(steps, s)
		}
	}
	for _, d := range slices.Backward(dates) {
		s, err := p.planLoadOf(ctx, j, whole, d, transforms)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		s.after = append(s.after, transforms...) // if this date fails, an older one may do
		if s.state == planned {
			s.needs = nil
			s.work = p.loadNewest(whole, d, transforms)
		}
		return chain(steps, s), nil
	}
	return steps, nil
}

// planLoadOf plans the load of some tables of a date, nil where the lake does not have them and will not have them.
func (p *planner) planLoadOf(ctx context.Context, j job.Job, tables []string, d lake.Date, transforms []*step) (*step, error) {
	if len(tables) == 0 {
		return nil, nil
	}
	s := &step{stage: loadStage, job: j.Name, date: d, state: planned, why: "missing", work: p.loadOf(tables)}
	making := false
	for _, t := range transforms {
		if t.date == d && t.state == planned {
			s.needs, making = append(s.needs, t), true
		}
	}
	var curated []lake.Table
	for _, name := range tables {
		curated = append(curated, lake.Curated(name))
	}
	lacking, err := p.lake.Lacking(ctx, curated, d)
	if err != nil {
		return nil, err
	}
	if len(lacking) > 0 && !making {
		return nil, nil
	}
	same := !making
	for _, name := range tables {
		live, err := p.lake.Newest(ctx, lake.Curated(name), d)
		if err != nil {
			return nil, err
		}
		h := p.holding(name, d)
		if h != nil && (live == nil || h.SHA256 != live.SHA256) {
			s.why = "made anew"
		}
		same = same && h != nil && live != nil && h.SHA256 == live.SHA256
	}
	switch {
	case p.newerHeld(tables, d):
		s.state, s.why = passed, fmt.Sprintf("MySQL holds the newer %s", p.newestHeld(tables))
	case making:
		s.why = "to be transformed"
	case p.reprocess == reprocessAll:
		s.why = "again"
	case same:
		s.state, s.why = there, ""
	}
	if making {
		return s, nil
	}
	return s, p.passFailedInputs(ctx, s, curated)
}

// holding returns the record of a table and date.
func (p *planner) holding(table string, d lake.Date) *load.Holding {
	i := slices.IndexFunc(p.held, func(h load.Holding) bool { return h.Table == table && h.Date == d })
	if i < 0 {
		return nil
	}
	return &p.held[i]
}

// newestHeld returns the newest date that the database holds of any of the tables.
func (p *planner) newestHeld(tables []string) (newest lake.Date) {
	for _, h := range p.held {
		if slices.Contains(tables, h.Table) && newest.Before(h.Date) {
			newest = h.Date
		}
	}
	return newest
}

// newerHeld tells whether a date of tables that hold one snapshot would go back in time.
func (p *planner) newerHeld(tables []string, d lake.Date) bool {
	whole, _ := split(tables)
	return d.Before(p.newestHeld(whole)) && !p.load.AllowsOlder()
}

// loadOf loads the date of the Env.
func (p *planner) loadOf(tables []string) run.Stage {
	return func(ctx context.Context, e *run.Env, l *lake.Lake) (run.Report, error) {
		e.Tables = tables
		return p.load.Run(ctx, e, l)
	}
}

// loadNewest loads the newest date, up to the given one, that could be made.
func (p *planner) loadNewest(tables []string, d lake.Date, transforms []*step) run.Stage {
	return func(ctx context.Context, e *run.Env, l *lake.Lake) (run.Report, error) {
		pick, err := p.newestMade(ctx, l, tables, d, transforms)
		if err != nil {
			return run.Report{}, err
		}
		if p.newerHeld(tables, pick) {
			return run.Report{}, fault.New(fault.Unavailable, "repair that date first: the failure is reported with it",
				fmt.Errorf("MySQL holds the newer %s, and %s was not made", p.newestHeld(tables), d))
		}
		e.From, e.To = pick, pick
		return p.loadOf(tables)(ctx, e, l)
	}
}

// newestMade returns the newest date of the range, up to the given one, that has the tables and did not fail.
func (p *planner) newestMade(ctx context.Context, l *lake.Lake, tables []string, d lake.Date, transforms []*step) (lake.Date, error) {
	now := standing.New(l)
	for date := d; !date.Before(p.env.From); date = date.AddDays(-1) {
		if slices.ContainsFunc(transforms, func(t *step) bool { return t.date == date && (t.state == failed || t.state == stranded) }) {
			continue
		}
		var curated []lake.Table
		for _, name := range tables {
			curated = append(curated, lake.Curated(name))
		}
		if lacking, err := now.Lacking(ctx, curated, date); err != nil || len(lacking) == 0 {
			return date, err
		}
	}
	return d, fault.New(fault.Unavailable, "repair the dates first: each failure is reported with its date", fmt.Errorf("no date up to %s was made", d))
}
