package load

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// tableLoad is a table on its way into the database.
type tableLoad struct {
	snapshot
	result    TableLoad
	way       way
	again     bool // the snapshot was loaded before
	withdrawn bool // the snapshot is empty, for the table shall hold nothing of its date
	files     []rows.File

	base  *tableLoad // the snapshot that the table holds, where rows are compared in the lake
	found *changes   // what differs from it
	tally *tally     // of the snapshot, complete once its rows were read; nil where rows are not summed
	live  *tally     // of the table

	bulk     bool        // it is filled without its secondary keys
	referred []*referred // the parents of the rows, then

	scope    string // which live rows, known as t, the load replaces; "TRUE" for all
	replaced int64  // their number
	staged   int64  // rows that replace them
}

// way is how a table gets its rows.
type way int

const (
	keep   way = iota // it has them
	fill              // straight from the stream: the table is empty
	merge             // by the difference of two snapshots of the lake
	differ            // by the difference to a staging table
)

func (l *loader) loadJob(ctx context.Context, w jobSnapshots) (done JobLoad, err error) {
	began, started := time.Now(), l.Now()
	done = JobLoad{Job: w.job.Name, Date: w.date}
	loads, err := l.choose(ctx, w)
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
	if err := l.prepare(ctx, loads); err != nil {
		return done, err
	}
	if err := l.checkDrop(ctx, loads, true); err != nil {
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

// prepare brings the tables to the point where only the transaction is missing. While the changes are gathered, a second
// connection sums up the live rows; where these turn out not to be what the loads' record says, rows are compared in the database.
func (l *loader) prepare(ctx context.Context, loads []*tableLoad) error {
	wait := l.sumLive(ctx, loads)
	for _, t := range loads {
		if err := l.gather(ctx, t); err != nil {
			_ = wait() // it ends soon, and the first error tells more
			return fmt.Errorf("table %s: %w", t.table.Name, err)
		}
	}
	if err := wait(); err != nil {
		return err
	}
	for _, t := range loads {
		if t.live == nil || l.known.trusts(t) {
			continue
		}
		if err := l.distrust(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.table.Name, err)
		}
	}
	return nil
}

// gather finds out what a table needs.
func (l *loader) gather(ctx context.Context, t *tableLoad) error {
	if t.way == keep {
		return nil
	}
	if !t.withdrawn {
		if err := l.fetch(ctx, t); err != nil {
			return err
		}
	}
	switch t.way {
	case fill:
		t.result.Inserted = t.result.Rows
		return nil
	case merge:
		return l.merge(ctx, t)
	}
	return l.compare(ctx, t)
}

// compare brings the snapshot into the database and compares it with the live rows there.
func (l *loader) compare(ctx context.Context, t *tableLoad) error {
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
	l.logDifference(ctx, t)
	return nil
}

func (l *loader) logDifference(ctx context.Context, t *tableLoad) {
	l.Log.DebugContext(ctx, "difference computed", "table", t.table.Name,
		"inserted", t.result.Inserted, "updated", t.result.Updated, "deleted", t.result.Deleted)
}

func round(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

// checkAge refuses to go back in time unawares.
func (l *loader) checkAge(t *tableLoad, newest record) error {
	if t.lake.Date.Before(newest.date) && !l.AllowOlder && !t.table.incremental() {
		return fault.New(fault.Usage, "give --allow-older to go back on purpose",
			fmt.Errorf("table %s holds the newer snapshot of %s", t.table.Name, newest.date))
	}
	return nil
}
