package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// tableLoad is a table on its way into the database.
type tableLoad struct {
	snapshot
	result TableLoad
	way    way
	files  []string // local ones
}

// way is how a table gets its rows.
type way int

const (
	keep   way = iota // it has them
	fill              // straight from the stream: the table is empty
	differ            // by the difference to a staging table
)

func (l *loader) loadJob(ctx context.Context, w jobSnapshots) (done JobLoad, err error) {
	began, started := time.Now(), l.Now()
	done = JobLoad{Job: w.job.Name, Date: w.date}
	loads, err := l.compare(ctx, w)
	if err != nil {
		return done, err
	}
	defer func() {
		done.Took = time.Since(began)
		for _, t := range loads {
			done.Tables = append(done.Tables, t.result)
		}
	}()
	if !slices.ContainsFunc(loads, func(t *tableLoad) bool { return t.way != keep }) {
		done.Outcome = Unchanged
		l.Log.InfoContext(ctx, "nothing to load: the database holds these snapshots", "job", done.Job, "dt", done.Date.String())
		return done, nil
	}
	if done.Sources, err = sources(ctx, l.lake, w); err != nil {
		return done, err
	}
	if !l.DryRun {
		defer l.dropStaging(ctx, loads)
	}
	for _, t := range loads {
		if err := l.prepare(ctx, t); err != nil {
			return done, fmt.Errorf("table %s: %w", t.table.Name, err)
		}
	}
	if l.DryRun {
		done.Outcome = Planned
		return done, nil
	}
	if err := l.commit(ctx, &done, started, loads); err != nil {
		return done, err
	}
	done.Outcome = Loaded
	l.Log.InfoContext(ctx, "loaded", "job", done.Job, "dt", done.Date.String(), "job_run", done.JobRunID,
		"seconds", round(time.Since(began)), "transaction_seconds", round(done.Transaction))
	return done, nil
}

// compare decides for each table what there is to do, from the loads' records and the live rows.
func (l *loader) compare(ctx context.Context, w jobSnapshots) ([]*tableLoad, error) {
	records, err := l.records(ctx)
	if err != nil {
		return nil, err
	}
	loads := make([]*tableLoad, 0, len(w.tables))
	for _, s := range w.tables {
		name := s.table.Name
		t := &tableLoad{snapshot: s, result: TableLoad{Name: name, Manifest: s.lake.Path, Rows: s.lake.Rows()}}
		if t.result.Before, err = l.count(ctx, name); err != nil {
			return nil, fmt.Errorf("count rows of %s: %w", name, err)
		}
		old, found := records[name]
		switch {
		case found && old.sha256 == s.lake.SHA256 && t.result.Before == t.result.Rows:
			t.way = keep
		case t.result.Before == 0:
			t.way = fill
		default:
			t.way = differ
		}
		if found && w.date.Before(old.date) && !l.AllowOlder {
			return nil, fault.New(fault.Usage, "give --allow-older to go back on purpose",
				fmt.Errorf("table %s holds the newer snapshot of %s", name, old.date))
		}
		loads = append(loads, t)
	}
	return loads, l.checkDrop(loads)
}

// checkDrop refuses tables that shrink too much, all of them at once.
func (l *loader) checkDrop(loads []*tableLoad) error {
	var names, drops []string
	for _, t := range loads {
		r := t.result
		if float64(r.Rows) < float64(r.Before)*(1-l.MaxDrop) && !slices.Contains(l.AcceptDrop, r.Name) {
			names = append(names, r.Name)
			drops = append(drops, fmt.Sprintf("%s from %d to %d", r.Name, r.Before, r.Rows))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.Data, "look at the lake's snapshots; if they are right, load them with --accept-drop "+strings.Join(names, ","),
		fmt.Errorf("tables would lose more than the %.0f%% of their rows that are allowed: %s", l.MaxDrop*100, strings.Join(drops, ", ")))
}

// prepare brings a table to the point where only the transaction is missing.
func (l *loader) prepare(ctx context.Context, t *tableLoad) error {
	if t.way == keep {
		return nil
	}
	for _, f := range t.lake.Files {
		name, err := l.lake.Local(ctx, f, l.dir)
		if err != nil {
			return err
		}
		t.files = append(t.files, name)
	}
	if err := lake.CheckSchema(t.lake.Manifest, t.files, t.table.Columns); err != nil {
		return err
	}
	if t.way == fill {
		t.result.Inserted = t.result.Rows
		return nil
	}
	if err := l.stage(ctx, t); err != nil {
		return err
	}
	l.Log.DebugContext(ctx, "staged", "table", t.table.Name, "rows", t.result.Rows)
	if err := l.difference(ctx, t); err != nil {
		return err
	}
	l.Log.DebugContext(ctx, "difference computed", "table", t.table.Name,
		"inserted", t.result.Inserted, "updated", t.result.Updated, "deleted", t.result.Deleted)
	return nil
}

func round(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
