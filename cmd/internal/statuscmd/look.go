package statuscmd

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/database"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

const (
	lookers = 16  // tables looked at at once
	recent  = 300 // run records in which the last run of each stage is looked for
)

// look gathers how things stand.
func look(ctx context.Context, e *run.Env, l *lake.Lake) (*Status, error) {
	now := e.Now().UTC().Truncate(time.Second)
	s := &Status{At: now, Today: lake.DateOf(now), latest: lake.Today(now), Lake: l.URL(), Stale: []string{}}
	var runs []lake.Run
	var held []load.Holding
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(lookers)
	g.Go(func() (err error) {
		runs, err = l.Runs(ctx, recent)
		return err
	})
	g.Go(func() error {
		answer := database.Ask(ctx, e.Config)
		held, s.MySQL = answer.Held, tellMySQL(answer)
		return ctx.Err()
	})
	for _, j := range e.Jobs {
		tables, err := tablesOf(e, j)
		if err != nil {
			return nil, err
		}
		s.Jobs = append(s.Jobs, Job{Name: j.Name, Tables: make([]Table, len(tables)), Runs: []Run{}})
		found := s.Jobs[len(s.Jobs)-1].Tables
		for i, t := range tables {
			g.Go(func() (err error) {
				found[i], err = lookAt(ctx, l, t, s.latest, e.Drop())
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range s.Jobs {
		s.Jobs[i].Runs = lastRuns(runs, e.Jobs[i], now)
	}
	if s.MySQL.Error == "" {
		s.compare(ctx, l, held)
	}
	return s, nil
}

// tablesOf returns the raw and the curated tables of a job that --tables asks for.
func tablesOf(e *run.Env, j job.Job) ([]lake.Table, error) {
	var tables []lake.Table
	wanted := func(name string) bool { return len(e.Tables) == 0 || slices.Contains(e.Tables, name) }
	for _, source := range j.Sources {
		for _, name := range source.Tables {
			if wanted(name) {
				tables = append(tables, lake.Raw(source.Name, name))
			}
		}
	}
	for _, name := range j.Tables {
		if wanted(name) {
			tables = append(tables, lake.Curated(name))
		}
	}
	return tables, nil
}

// lookAt finds the newest snapshot of a table and the one before it. A manifest that is damaged is the table's trouble, a store that
// does not answer is an error.
func lookAt(ctx context.Context, l *lake.Lake, t lake.Table, today lake.Date, rule drop.Rule) (Table, error) {
	found := Table{Table: t, State: Missing}
	future, err := l.After(ctx, t, today)
	if err != nil && fault.ClassOf(err) != fault.Data {
		return found, err
	}
	for _, s := range future {
		found.Future = append(found.Future, s.Date)
	}
	s, err := l.Before(ctx, t, today.AddDays(1))
	switch {
	case errors.Is(err, lake.ErrNotFound):
		return found, nil
	case fault.ClassOf(err) == fault.Data:
		found.State, found.Error = Unread, err.Error()
		return found, nil
	case err != nil:
		return found, err
	}
	found.Date, found.AsOf, found.Rows, found.Drift = s.Date, s.SourceAsOf.UTC(), s.Rows(), s.Drift
	found.Manifest, found.Run, found.digest, found.Interval = s.Path, s.Run, s.SHA256, s.Interval != nil
	for _, c := range s.Checks {
		if !c.Passed {
			c.Examples = nil // rows of people's data; the manifest has them
			found.Gates = append(found.Gates, c)
		}
	}
	before, err := l.Before(ctx, t, s.Date)
	switch {
	case err == nil:
		found.Before = &Before{before.Date, before.Rows()}
		lost := rule.Rows(t, s.Manifest, &before)
		noted := slices.ContainsFunc(found.Gates, func(c lake.Check) bool { return c.Name == drop.RowCount })
		if !found.Interval && !lost.Passed && !noted { // a snapshot that was compared with another one, or under another limit
			found.Gates = append(found.Gates, lost)
		}
	case !errors.Is(err, lake.ErrNotFound) && fault.ClassOf(err) != fault.Data:
		return found, err
	}
	return found, nil
}

// tellMySQL returns the standing of the database.
func tellMySQL(a database.Answer) MySQL {
	m := MySQL{Server: a.Server}
	if a.Err != nil {
		m.Error, m.Remedy = a.Err.Error(), fault.HintOf(a.Err)
	}
	return m
}

// compare tells for each curated table what MySQL holds of it.
func (s *Status) compare(ctx context.Context, l *lake.Lake, held []load.Holding) {
	for i := range s.Jobs {
		for n := range s.Jobs[i].Tables {
			t := &s.Jobs[i].Tables[n]
			if t.Table != lake.Curated(t.Table.Name()) {
				continue
			}
			t.MySQL = new(InMySQL)
			for _, h := range held { // the newest comes last
				if h.Table != t.Table.Name() {
					continue
				}
				future := s.latest.Before(h.Date)
				if future {
					t.Mistaken = append(t.Mistaken, h.Date)
				}
				if !future || t.MySQL.Date.IsZero() {
					*t.MySQL = InMySQL{Date: h.Date, Rows: h.Rows, LoadedAt: h.LoadedAt, Current: h.SHA256 == t.digest, manifest: h.Manifest}
				}
			}
			switch {
			case t.MySQL.Current:
				t.MySQL.AsOf = t.AsOf
			case t.MySQL.manifest != "":
				if m, err := l.Manifest(ctx, t.MySQL.manifest); err == nil {
					t.MySQL.AsOf = m.SourceAsOf.UTC()
				}
			}
		}
	}
}

// lastRuns returns the last run of each stage for a job, in the order in which they began.
func lastRuns(runs []lake.Run, j job.Job, now time.Time) []Run {
	last := []Run{}
	for _, r := range runs {
		r = r.Judge(now)
		source, extract := strings.CutPrefix(r.Stage, "extract-")
		if extract && !slices.ContainsFunc(j.Sources, func(s job.Source) bool { return s.Name == source }) {
			continue
		}
		if r.StartedAt.Sub(now) > clock.Tolerance { // by a wrong clock
			continue
		}
		if !slices.Contains(r.Jobs, j.Name) || slices.ContainsFunc(last, func(known Run) bool { return known.Stage == r.Stage }) {
			continue
		}
		found := Run{
			ID: r.ID, Stage: r.Stage, State: r.Status, Date: r.Date, StartedAt: r.StartedAt.UTC(), Requests: r.Requests,
			Error: r.Error, Remedy: r.Remedy, ExitCode: r.ExitCode,
		}
		if !r.FinishedAt.IsZero() {
			found.Seconds = r.FinishedAt.Sub(r.StartedAt).Round(time.Millisecond).Seconds()
		}
		last = append(last, found)
	}
	slices.SortFunc(last, func(a, b Run) int { return a.StartedAt.Compare(b.StartedAt) })
	return last
}
