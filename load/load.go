package load

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// DefaultMaxDrop is the share of its rows that a table may lose in one load, where nothing else is configured.
const DefaultMaxDrop = 0.2

// Plan says what to load and how.
type Plan struct {
	Jobs   []job.Job
	Tables []string // a subset of the jobs' tables; empty for all. Tables that only make sense together come along

	// From and To are the dates, both inclusive; for one date they are equal. Of a range, every date that the lake holds of
	// an incremental table is loaded in order. Snapshots replace each other, so only the newest is.
	From, To lake.Date

	AllowOlder bool          // let an older snapshot replace a newer one; incremental tables take dates in any order
	Drop       drop.Rule     // share of the rows that it replaces that a load may take away from a table
	Wait       time.Duration // how long to wait for another load to end, at least 5 s
	Silence    time.Duration // give up where the server answers nothing for so long; 0 for [DefaultSilence]
	BulkRows   int64         // fill empty tables that get at least so many rows without their secondary keys, which are added afterwards; 0 for [DefaultBulkRows]
	DryRun     bool          // compute what would change, and change nothing

	RunID       lake.RunID
	ToolVersion string
	Now         func() time.Time
	Log         *slog.Logger                          // nil for none
	Progress    func(table string, done, total int64) // nil for none; rows sent so far
}

// Outcome says what became of a job and date.
type Outcome string

// The outcomes.
const (
	Loaded    Outcome = "loaded"
	Unchanged Outcome = "unchanged" // the database held these snapshots already
	Planned   Outcome = "planned"   // a dry run: what a load would do
)

// Result says what was done, per job and date.
type Result struct {
	Migrations []string // pending ones; only of a dry run
	Loads      []JobLoad
}

// JobLoad is what was done for a job and date.
type JobLoad struct {
	Job         string
	Date        lake.Date
	Outcome     Outcome
	JobRunID    int64 // in job_run; 0 where nothing was committed
	Tables      []TableLoad
	Sources     []Freshness
	Took        time.Duration
	Transaction time.Duration // the part of it in which rows were locked
}

// TableLoad is what was done to a table.
type TableLoad struct {
	Name     string
	Manifest string // path in the lake
	Rows     int64  // of the snapshot
	Before   int64  // rows of the table before the load
	Inserted int64
	Updated  int64
	Deleted  int64
	Lost     string // what it loses beyond the limit, and why that was let through
}

// Run applies pending migrations and loads what the plan names, job by job and date by date. Each job and date becomes
// visible at once and whole; an error leaves the old data of the job at which it occurred.
func Run(ctx context.Context, lk *lake.Lake, db config.Database, plan Plan) (Result, error) {
	if plan.Log == nil {
		plan.Log = slog.New(slog.DiscardHandler)
	}
	if plan.Progress == nil {
		plan.Progress = func(string, int64, int64) {}
	}
	if plan.BulkRows == 0 {
		plan.BulkRows = DefaultBulkRows
	}
	if plan.Silence == 0 {
		plan.Silence = DefaultSilence
	}
	work, err := find(ctx, lk, plan)
	if err != nil {
		return Result{}, err
	}
	l := &loader{Plan: plan, lake: lk}
	if lk.Dir() == "" {
		if l.dir, err = scratch.Dir("copy snapshots", "load-"); err != nil {
			return Result{}, err
		}
		defer os.RemoveAll(l.dir)
	}
	var result Result
	err = onPool(ctx, db, plan.Silence, func(ctx context.Context, pool *sql.DB) (err error) {
		l.pool = pool
		result, err = l.run(ctx, db, work)
		return err
	})
	return result, err
}

// check looks for mistakes that need neither lake nor database.
func (p Plan) check() error {
	var known []string
	for _, j := range p.Jobs {
		for _, name := range j.Tables {
			if !slices.ContainsFunc(Tables(), func(t Table) bool { return t.Name == name }) {
				return fmt.Errorf("table %s of job %s cannot be loaded", name, j.Name)
			}
		}
		known = append(known, j.Tables...)
	}
	for _, name := range p.Tables {
		if !slices.Contains(known, name) {
			return fault.New(fault.Usage, "choose from "+strings.Join(known, ", "), fmt.Errorf("no job to run loads a table %q", name))
		}
	}
	if p.Wait < 0 {
		return fault.New(fault.Usage, "give a duration, such as 10m", fmt.Errorf("--wait %s is no time to wait for", p.Wait))
	}
	if p.From.IsZero() || p.To.Before(p.From) {
		return fault.New(fault.Usage, "give a date, or a range whose end is not before its start", fmt.Errorf("no dates from %q to %q", p.From, p.To))
	}
	return nil
}
