package load

import (
	"context"
	"fmt"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// jobSnapshots are the snapshots of one job and date.
type jobSnapshots struct {
	job    job.Job
	date   lake.Date
	tables []snapshot

	withdrawn bool // the tables shall hold nothing of the date any more; the snapshots are empty
}

type snapshot struct {
	table Table
	lake  lake.Snapshot
}

// find looks up the snapshots of the plan's jobs, dates in order and parents before children.
func find(ctx context.Context, lk *lake.Lake, plan Plan) ([]jobSnapshots, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	var work []jobSnapshots
	for _, j := range plan.Jobs {
		tables := plan.tables(j)
		if len(tables) == 0 {
			continue
		}
		dates, err := plan.dates(ctx, lk, tables)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
		for _, d := range dates {
			w := jobSnapshots{job: j, date: d.date}
			for _, t := range d.tables {
				s, err := lk.Find(ctx, lake.Curated(t.Name), d.date)
				if err != nil {
					return nil, fmt.Errorf("job %s: %w", j.Name, err)
				}
				w.tables = append(w.tables, snapshot{t, s})
			}
			if err := w.coherent(); err != nil {
				return nil, fmt.Errorf("job %s: %w", j.Name, err)
			}
			work = append(work, w)
		}
	}
	return work, nil
}

// tables returns the tables of a job that are to be loaded: those that are wanted, and those that must come along.
func (p Plan) tables(j job.Job) []Table {
	wanted := func(name string) bool {
		return slices.Contains(j.Tables, name) && (len(p.Tables) == 0 || slices.Contains(p.Tables, name))
	}
	all := Tables()
	return slices.DeleteFunc(all, func(t Table) bool {
		return !wanted(t.Name) && !wanted(t.with()) &&
			!slices.ContainsFunc(Tables(), func(other Table) bool { return other.with() == t.Name && wanted(other.Name) })
	})
}

// dated is a date with the tables that are loaded from it.
type dated struct {
	date   lake.Date
	tables []Table
}

// dates returns what to load, in the order of dates: of the plan's range every date that
// the lake has of an incremental table, and the newest that it has of the others.
func (p Plan) dates(ctx context.Context, lk *lake.Lake, tables []Table) ([]dated, error) {
	if p.From == p.To {
		return []dated{{p.To, tables}}, nil
	}
	var every []lake.Date
	var newest lake.Date
	for _, t := range tables {
		held, err := lk.Dates(ctx, lake.Curated(t.Name))
		if err != nil {
			return nil, err
		}
		for _, d := range held {
			switch {
			case d.Before(p.From) || p.To.Before(d):
			case t.incremental():
				every = append(every, d)
			case newest.IsZero() || newest.Before(d):
				newest = d
			}
		}
	}
	all := slices.Clone(every)
	if !newest.IsZero() {
		all = append(all, newest)
	}
	slices.SortFunc(all, lake.Date.Compare)
	var dates []dated
	for _, d := range slices.Compact(all) {
		dates = append(dates, dated{d, slices.DeleteFunc(slices.Clone(tables), func(t Table) bool {
			if t.incremental() {
				return !slices.Contains(every, d)
			}
			return d != newest
		})})
	}
	if len(dates) == 0 {
		return nil, fault.New(fault.Unavailable, "run the transform for these dates first, or choose dates that the lake holds",
			fmt.Errorf("curated tables from %s to %s: %w", p.From, p.To, lake.ErrNotFound))
	}
	return dates, nil
}
