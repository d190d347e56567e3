package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Plan says what one run extracts.
type Plan struct {
	Source         *Source
	Date           lake.Date // dt of the snapshots
	Tables         []string  // a subset of the source's; empty for all
	Run            lake.RunID
	ToolVersion    string
	SimulatedClock bool             // Now is COURSE_INVENTORY_CLOCK's, which the manifests tell
	Now            func() time.Time // default time.Now
	Log            *slog.Logger     // default: none
	Progress       func(Progress)   // may be nil; calls do not overlap
	DryRun         bool             // only check what can be checked cheaply and say what would be done
	Restart        bool             // do not go on where an earlier run was interrupted
	Full           bool             // read incremental tables from their start again

	AcceptTypeChange []string  // tables whose columns may change their type
	Drop             drop.Rule // what a table may lose against its snapshot before
}

// Progress tells how far a table has come.
type Progress struct {
	Table       string
	Rows        int64
	Done, Total int64 // units of work, such as courses; Total is 0 where the table has none or they are not known yet
	Requests    lake.Requests
	Planned     int64 // requests that will have been sent in the end, as far as known; 0 if unknown
	Finished    bool  // all rows are written, and wait for the commit
}

// Result tells what a run did.
type Result struct {
	Tables   []TableResult
	Requests lake.Requests // of the whole run
}

// TableResult tells what a run did for one table.
type TableResult struct {
	Table    lake.Table
	Rows     int64
	Bytes    int64
	Elapsed  time.Duration
	Requests lake.Requests
	Notes    []string
	Drift    []lake.Drift
	Checks   []lake.Check
	Interval *lake.Interval // of an incremental table
	Snapshot string         // path of the committed manifest; "" if nothing was committed
}

// maxTables is how many tables are read at once. The source's own limit decides how many requests are.
const maxTables = 8

// Run writes the planned tables and commits them together. On an error nothing is committed, except where the
// lake itself fails between two commits: the Result then names the tables that have their snapshot. Run closes the source.
func Run(ctx context.Context, l *lake.Lake, p Plan) (r Result, err error) {
	defer func() {
		if closeErr := p.Source.close(); err == nil && closeErr != nil {
			err = fmt.Errorf("close %s: %w", p.Source.Name, closeErr)
		}
	}()
	if p.Now == nil {
		p.Now = time.Now
	}
	tables, err := p.Source.selected(p.Tables)
	if err != nil {
		return Result{}, err
	}
	if today := lake.DateOf(p.Now()); !p.Source.AnyDate && p.Date != today {
		return Result{}, fault.New(fault.Usage, fmt.Sprintf("leave --date out, or give %s; past dates that the lake holds can be transformed and loaded without any source", today),
			fmt.Errorf("%s only tells its state of today, %s, which must not be stored as that of %s", p.Source.Name, today, p.Date))
	}
	run := &run{lake: l, plan: p, tables: make([]*tableRun, len(tables))}
	for i, t := range tables {
		t := &tableRun{Table: t, run: run, name: lake.Raw(p.Source.Name, t.Name), tally: run.book.Table(t.Name)}
		if p.Progress != nil {
			t.tally.OnChange(func() { t.report(-1, false) })
		}
		run.tables[i] = t
	}
	if p.DryRun {
		if p.Source.Check != nil {
			err = p.Source.Check(ctx)
		}
		for _, t := range run.tables {
			if err == nil {
				err = t.rehearse(ctx)
			}
		}
		return run.result(), err
	}
	fetching, finish, err := run.resume(ctx)
	if err != nil {
		return run.result(), err
	}
	defer func() {
		var refused *refusal
		finish(err == nil || errors.As(err, &refused))
	}()
	err = run.fetch(fetching)
	if err == nil && p.Source.Verify != nil {
		err = p.Source.Verify()
	}
	if err == nil {
		err = run.compare(ctx)
	}
	if err == nil {
		err = run.gate(ctx)
	}
	if err != nil {
		run.discard(ctx)
		return run.result(), err
	}
	err = run.commit(ctx)
	return run.result(), err
}

type run struct {
	lake   *lake.Lake
	plan   Plan
	book   tally.Book
	tables []*tableRun

	progress sync.Mutex // one report at a time
}

// fetch writes every table's part.
func (r *run) fetch(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(maxTables)
	for _, t := range r.tables {
		g.Go(func() error {
			if err := t.fetch(ctx); err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// compare finds what changed in the tables' schemas since their last snapshots.
func (r *run) compare(ctx context.Context) error {
	for _, t := range r.tables {
		if err := r.lake.DescribeDrift(ctx, &t.manifest, slices.Contains(r.plan.AcceptTypeChange, t.Name)); err != nil {
			return err
		}
	}
	return nil
}

// discardTime bounds the removal of files that will not be committed.
const discardTime = 10 * time.Second

// discard removes the parts of the tables that were complete when another failed.
func (r *run) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTime)
	defer cancel()
	for _, t := range r.tables {
		r.lake.Discard(ctx, t.manifest.Files...)
	}
}

// commit publishes every table. Once it has begun, an interrupt no longer stops it, so that the
// tables of one run stay together.
func (r *run) commit(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ctx = context.WithoutCancel(ctx)
	var together []lake.Table
	for _, t := range r.tables {
		if len(r.tables) > 1 {
			together = append(together, t.name)
		}
	}
	for _, t := range r.tables {
		t.manifest.Together = together
		snapshot, err := r.lake.Commit(ctx, t.manifest)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		t.snapshot = snapshot.Path
	}
	return nil
}

func (r *run) result() Result {
	result := Result{Requests: r.book.Requests()}
	if pace := r.plan.Source.Pace; pace != nil {
		if q := pace().Quota; q.AtOnce > 0 {
			result.Requests.Quota = &q
		}
	}
	for _, t := range r.tables {
		s := t.tally.Snapshot()
		var interval *lake.Interval
		if t.span != nil {
			interval = &t.span.Interval
		}
		result.Tables = append(result.Tables, TableResult{
			Table: t.name, Rows: t.manifest.Rows(), Bytes: t.manifest.Bytes(), Elapsed: t.elapsed,
			Requests: s.Requests, Notes: s.Notes, Drift: t.manifest.Drift, Checks: t.manifest.Checks, Interval: interval, Snapshot: t.snapshot,
		})
	}
	return result
}
