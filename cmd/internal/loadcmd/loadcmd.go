// Package loadcmd makes a program of the load.
package loadcmd

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/database"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// Stage is the load with its settings.
type Stage struct {
	// MadeFrom returns the curated tables that are made from others, so that --accept-drop of a raw table reaches what follows
	// from it. It is nil in a program that knows no transform: there --accept-drop names the curated tables themselves.
	MadeFrom func(tables []string) []string

	allowOlder bool
	wait       time.Duration
}

// Flags adds the load's own flags.
func (s *Stage) Flags(fs *flag.FlagSet) {
	fs.BoolVar(&s.allowOlder, "allow-older", false, "let an older date replace a newer one")
	fs.DurationVar(&s.wait, "wait", 0, "wait this `DURATION`, such as 10m, for another load to end, and for readers of tables that migrations change")
}

// AllowsOlder tells whether an older date may replace a newer one.
func (s *Stage) AllowsOlder() bool { return s.allowOlder }

// Program returns the program load.
func Program() run.Program {
	var s Stage
	return run.Program{
		Name:     "load",
		Purpose:  "load brings the curated tables of a date from the lake into MySQL, in one commit per job. It applies pending migrations first.",
		Examples: []string{"load", "load --dry-run", "load --date 2026-03-01 --allow-older"},
		Ranged:   true,
		Drops:    true,
		Flags:    s.Flags,
		Run:      run.Alone(s.Run),
		AskMySQL: database.ForReport,
	}
}

// Settings returns a digest of what decides whether a load is accepted, besides the tables.
func (s *Stage) Settings(e *run.Env) string {
	return e.Settings([]string{"QUALITY"}, strings.Join(e.Drop().Accept, ","), strconv.FormatBool(s.allowOlder))
}

// Run loads the tables of the selected jobs.
func (s *Stage) Run(ctx context.Context, e *run.Env, l *lake.Lake) (run.Report, error) {
	tables, err := e.Select(job.Tables(e.Jobs))
	if err != nil || len(tables) == 0 {
		return run.Report{}, err
	}
	if err := e.Config.Require(config.PartInventoryDB); err != nil {
		return run.Report{}, err
	}
	return e.Record(ctx, l, "load", s.Settings(e), func(ctx context.Context, id lake.RunID) (run.Report, error) {
		rule := e.Drop()
		if s.MadeFrom != nil {
			rule.Made = s.MadeFrom(rule.Accept)
		}
		result, err := load.Run(ctx, l, e.Config.InventoryDB, load.Plan{
			Jobs: e.Jobs, Tables: tables, From: e.From, To: e.To,
			AllowOlder: s.allowOlder, Drop: rule,
			Wait: s.wait, DryRun: e.DryRun, RunID: id, ToolVersion: e.Version, Now: e.Now, Log: e.Log,
			Progress: func(table string, done, total int64) { e.Progress("load", table, done, total) },
		})
		for _, m := range result.Migrations {
			e.Log.Info("a migration would be applied", "migration", m)
		}
		return report(result), err
	})
}

func report(result load.Result) run.Report {
	var report run.Report
	for _, j := range result.Loads {
		for i, t := range j.Tables {
			line := run.Line{Stage: "load", Date: j.Date, Table: t.Name, Rows: t.Rows, Note: string(j.Outcome),
				Changes: &lake.Changes{Inserted: t.Inserted, Updated: t.Updated, Deleted: t.Deleted}}
			if j.Outcome != load.Unchanged {
				line.Note = fmt.Sprintf("%s: %d inserted, %d updated, %d deleted", j.Outcome, t.Inserted, t.Updated, t.Deleted)
			}
			if t.Lost != "" {
				line.Note += "; " + t.Lost
			}
			if i == 0 { // a job's tables are loaded together
				line.Duration = j.Took
			}
			report.Lines = append(report.Lines, line)
		}
	}
	return report
}
