package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// tableLoad is a table on its way into the database.
type tableLoad struct {
	snapshot
	result TableLoad
	way    way
	again  bool     // the snapshot was loaded before
	files  []string // local ones

	scope    string // which live rows, known as t, the load replaces; "TRUE" for all
	replaced int64  // their number
	staged   int64  // rows that replace them
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
	defer l.dropStaging(ctx, loads)
	for _, t := range loads {
		if err := l.prepare(ctx, t); err != nil {
			return done, fmt.Errorf("table %s: %w", t.table.Name, err)
		}
	}
	if err := l.checkDrop(loads, true); err != nil {
		return done, err
	}
	if !slices.ContainsFunc(loads, func(t *tableLoad) bool { return !t.same() }) {
		done.Outcome = Unchanged
		l.Log.InfoContext(ctx, "nothing to load: the database holds these snapshots", "job", done.Job, "dt", done.Date.String())
		return done, nil
	}
	if done.Sources, err = l.sources(ctx, w); err != nil {
		return done, err
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

// same tells whether the database holds the snapshot already.
func (t *tableLoad) same() bool {
	r := t.result
	return t.way == keep || t.way == differ && t.again && r.Inserted+r.Updated+r.Deleted == 0
}

// compare decides for each table what there is to do, from the loads' records and the live rows.
func (l *loader) compare(ctx context.Context, w jobSnapshots) ([]*tableLoad, error) {
	var err error
	if l.known, err = l.records(ctx); err != nil {
		return nil, err
	}
	loads := make([]*tableLoad, 0, len(w.tables))
	for _, s := range w.tables {
		name := s.table.Name
		t := &tableLoad{snapshot: s, result: TableLoad{Name: name, Manifest: s.lake.Path, Rows: s.lake.Rows()}, scope: "TRUE"}
		if t.result.Before, err = l.count(ctx, name); err != nil {
			return nil, fmt.Errorf("count rows of %s: %w", name, err)
		}
		t.replaced, t.staged = t.result.Before, t.result.Rows
		if err := l.choose(ctx, t); err != nil {
			return nil, err
		}
		loads = append(loads, t)
	}
	return loads, l.checkDrop(loads, false)
}

// choose decides on a table.
func (l *loader) choose(ctx context.Context, t *tableLoad) error {
	name, date := t.table.Name, t.lake.Date
	newest, found := l.known.newest(name)
	if r, loaded := l.known.at(name, date); loaded {
		t.again = r.sha256 == t.lake.SHA256
	}
	if found && date.Before(newest.date) && !l.AllowOlder && !t.table.incremental() {
		return fault.New(fault.Usage, "give --allow-older to go back on purpose",
			fmt.Errorf("table %s holds the newer snapshot of %s", name, newest.date))
	}
	if t.table.selective() {
		// What there is to do, only a comparison of the rows tells. A dry run may come before the migrations that it needs.
		t.way = differ
		ready, err := l.exists(ctx, ownerTable)
		if !ready {
			t.way = fill
		}
		return err
	}
	switch {
	case t.again && t.result.Before == t.result.Rows:
		t.way = keep
	case t.result.Before == 0:
		t.way = fill
	default:
		t.way = differ
	}
	return nil
}

// prepare brings a table to the point where only the transaction is missing.
func (l *loader) prepare(ctx context.Context, t *tableLoad) error {
	if t.way == keep {
		return nil
	}
	if err := l.fetch(ctx, t); err != nil {
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
	if err := l.narrow(ctx, t); err != nil {
		return err
	}
	if err := l.difference(ctx, t); err != nil {
		return err
	}
	l.Log.DebugContext(ctx, "difference computed", "table", t.table.Name,
		"inserted", t.result.Inserted, "updated", t.result.Updated, "deleted", t.result.Deleted)
	return nil
}

func round(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
