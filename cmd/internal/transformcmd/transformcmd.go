// Package transformcmd makes a program of the transform.
package transformcmd

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
	"github.com/tl-its-umich-edu/course-inventory/transform/duckdb"
)

// Stage is the transform with its settings.
type Stage struct {
	memoryLimit string
	threads     int
}

// Flags adds the transform's own flags.
func (s *Stage) Flags(fs *flag.FlagSet) {
	fs.StringVar(&s.memoryLimit, "memory-limit", "", "let DuckDB use this `SIZE` of memory, such as 512MB (default: most of the machine's)")
	fs.IntVar(&s.threads, "threads", 0, "let DuckDB use `N` threads (default: all cores)")
}

// Program returns the program transform.
func Program() run.Program {
	var s Stage
	return run.Program{
		Name:     "transform",
		Purpose:  "transform derives the curated tables of a date from the raw ones in the lake. It asks no source.",
		Examples: []string{"transform", "transform --date 2026-03-02", "transform --from 2026-03-01 --to 2026-03-31 --memory-limit 512MB"},
		Ranged:   true,
		Commits:  true,
		Flags:    s.Flags,
		Run:      run.Alone(s.Run),
	}
}

// Settings returns a digest of what the tables depend on besides the raw ones.
func (s *Stage) Settings(e *run.Env) string {
	return e.Settings([]string{"QUALITY"}, slices.Concat(e.NewTypes, e.Drop().Accept)...)
}

// Run transforms the tables of the selected jobs.
func (s *Stage) Run(ctx context.Context, e *run.Env, l *lake.Lake) (run.Report, error) {
	tables, err := e.Select(job.Tables(e.Jobs))
	if err != nil || len(tables) == 0 {
		return run.Report{}, err
	}
	engine := duckdb.Engine{MemoryLimit: s.memoryLimit, Threads: s.threads}
	return e.Record(ctx, l, "transform", s.Settings(e), func(ctx context.Context, id lake.RunID) (run.Report, error) {
		rule := e.Drop()
		rule.Made = transform.MadeFrom(rule.Accept)
		result, err := transform.Run(ctx, l, engine, transform.Plan{
			From: e.From, To: e.To, Tables: tables, Drop: rule, DryRun: e.DryRun, Run: id,
			AcceptTypeChange: e.NewTypes, ToolVersion: e.Version, SimulatedClock: e.Simulated, Now: e.Now,
			Progress: progress(e, tables),
		})
		for _, d := range result.Skipped {
			e.Log.Warn("the lake holds nothing to transform for this date", "dt", d.String())
		}
		lost := warn(e, result)
		if n := len(result.Dates); err == nil && e.Config.CreateCSVs && !e.DryRun && n > 0 && result.Dates[n-1].Date == e.To {
			var files []string
			files, err = transform.WriteCSV(ctx, l, engine, e.To, tables, run.CSVDir)
			e.Log.Info("wrote CSV files", "dir", run.CSVDir, "files", len(files))
		}
		return report(e, result, lost), err
	})
}

// warn logs the gates that found something without stopping the commit, and returns by manifest what rows were lost.
func warn(e *run.Env, result transform.Result) map[string][]string {
	lost := map[string][]string{}
	for _, d := range result.Dates {
		for _, s := range d.Sets {
			e.WarnDrift(lake.Curated(s.Set), d.Date, s.Snapshot.Drift)
			lost[s.Snapshot.Path] = e.WarnGates(lake.Curated(s.Set), d.Date, s.Snapshot.Checks)
		}
	}
	return lost
}

func progress(e *run.Env, tables []string) func(transform.Progress) {
	return func(p transform.Progress) {
		total := int64(len(tables))
		done := int64(slices.Index(tables, p.Set))
		if p.Step == "commit" {
			done = total
		}
		if done >= 0 {
			e.Progress("transform", p.Date.String(), done, total)
		}
	}
}

func report(e *run.Env, result transform.Result, lost map[string][]string) run.Report {
	var report run.Report
	for _, d := range result.Dates {
		for _, s := range d.Sets {
			line := run.Line{Stage: "transform", Date: d.Date, Table: s.Set, Rows: s.Snapshot.Rows(), Duration: s.Elapsed}
			if e.DryRun {
				line.Note = "would be derived from " + quantity.Of(len(s.Inputs), "snapshot")
			}
			if n := s.Rejected.Rows(); n > 0 {
				line.Note = fmt.Sprintf("%s rejected, see %s", quantity.Number(n), lake.Curated(s.Set).Rejected())
			}
			if gates := lost[s.Snapshot.Path]; len(gates) > 0 {
				line.Note = strings.Trim(strings.Join(gates, "; ")+"; "+line.Note, "; ")
			}
			report.Lines = append(report.Lines, line)
			for _, snapshot := range []lake.Snapshot{s.Snapshot, s.Rejected} {
				if snapshot.Path != "" {
					report.Manifests = append(report.Manifests, snapshot.Path)
				}
			}
		}
	}
	return report
}
