// Package extractcmd makes a program of a source.
package extractcmd

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Open opens a source.
type Open func(context.Context, *config.Config, extract.Env) (*extract.Source, error)

// Extract is a source and what it needs from the configuration.
type Extract struct {
	Source  string // as in raw/<source>/
	open    Open
	purpose string
	parts   []string // of the configuration

	interval bool // its tables hold an interval per date
	full     bool
}

// Flags adds the source's own flags.
func (x *Extract) Flags(fs *flag.FlagSet) {
	if x.interval {
		fs.BoolVar(&x.full, "full", false, "read everything since MIVIDEO.default_last_timestamp again")
	}
}

// New returns the extract of the source of that name.
func New(source string, open Open) *Extract {
	x := &Extract{Source: source, open: open}
	switch source {
	case "canvas":
		x.purpose, x.parts = "Canvas' terms, accounts, courses, audit events, activity and enrollments", []string{config.PartCanvas}
	case "udw":
		x.purpose, x.parts = "the Unizin warehouse's sections", []string{config.PartUDW}
	case "udp":
		x.purpose, x.parts, x.interval = "the starts of media from the UDP event store", []string{config.PartMIVideo}, true
	case "kaltura":
		x.purpose, x.parts, x.interval = "the media that Kaltura holds", []string{config.PartMIVideo}, true
	case "zoom":
		x.purpose, x.parts = "the past meetings behind the Zoom tabs of raw/canvas/tab", []string{config.PartCanvas}
	default:
		panic("extractcmd: unknown source " + source)
	}
	span := "as of today"
	if x.interval {
		span = "for the interval since the snapshot before --date"
	}
	x.purpose = fmt.Sprintf("extract-%s copies %s into the lake, %s: all tables or, on any error, none.", source, x.purpose, span)
	return x
}

// Program returns the program extract-<source>.
func (x *Extract) Program() run.Program {
	name := "extract-" + x.Source
	return run.Program{
		Name:     name,
		Purpose:  x.purpose,
		Examples: []string{name, name + " --dry-run", name + " --log-format json --progress never"},
		Commits:  true,
		Flags:    x.Flags,
		Run:      run.Alone(x.Stage),
	}
}

// Settings returns a digest of what the source's answers depend on, apart from the tables and secrets.
func (x *Extract) Settings(e *run.Env) string {
	return e.Settings(append([]string{"QUALITY.max_missing_courses"}, x.parts...))
}

// Stage extracts the tables that the selected jobs need from the source.
func (x *Extract) Stage(ctx context.Context, e *run.Env, l *lake.Lake) (run.Report, error) {
	known := x.Tables(e.Jobs)
	if len(known) == 0 {
		if !e.Lenient {
			e.Log.Warn("no selected job needs this source", "source", x.Source)
		}
		return run.Report{}, nil
	}
	tables, err := e.Select(known)
	if err != nil || len(tables) == 0 {
		return run.Report{}, err
	}
	if err := e.Config.Require(x.parts...); err != nil {
		return run.Report{}, err
	}
	stage := "extract-" + x.Source
	return e.Record(ctx, l, stage, x.Settings(e), func(ctx context.Context, id lake.RunID) (run.Report, error) {
		source, err := x.open(ctx, e.Config, extract.Env{Log: e.Log, Now: e.Now, Compared: true, Simulated: e.Simulated, Version: e.Version})
		if err != nil {
			return run.Report{}, err
		}
		meter := newMeter(source.Pace)
		switch {
		case e.DryRun: // nothing to measure
		case e.Status == nil || !e.Status(func() string { return stage + ": " + meter.read().String() }):
			defer meter.watch(e.Log)()
		}
		result, err := extract.Run(ctx, l, extract.Plan{
			Source: source, Date: e.To, Tables: tables, Run: id,
			ToolVersion: e.Version, SimulatedClock: e.Simulated, Now: e.Now, Log: e.Log, DryRun: e.DryRun, Full: x.full, Restart: e.Restart, AcceptTypeChange: e.NewTypes, Drop: e.Drop(),
			Progress: func(p extract.Progress) {
				meter.take(p)
				showProgress(e, stage, p)
			},
		})
		report := x.report(e, stage, result)
		report.Resumes = source.Resume != ""
		return report, err
	})
}

func showProgress(e *run.Env, stage string, p extract.Progress) {
	done, total := p.Done, p.Total
	if total == 0 {
		done = p.Rows
	}
	if !p.Finished && total > 0 {
		total = max(total, done+1) // more may be found
	}
	if p.Finished && total == 0 {
		total = max(done, 1)
		done = total
	}
	e.Progress(stage, p.Table, done, total)
}

func (x *Extract) report(e *run.Env, stage string, result extract.Result) run.Report {
	report := run.Report{Requests: &result.Requests}
	for _, t := range result.Tables {
		e.WarnDrift(t.Table, e.To, t.Drift)
		notes, missing := t.Notes, false
		if t.Snapshot != "" {
			notes = append(e.WarnGates(t.Table, e.To, t.Checks), notes...)
		}
		switch {
		case e.DryRun:
			notes = append([]string{"would be read and committed"}, notes...)
		case t.Snapshot == "":
			notes, missing = append([]string{"not committed"}, notes...), true
		}
		report.Lines = append(report.Lines, run.Line{
			Stage: stage, Date: e.To, Table: t.Table.Name(), Rows: t.Rows, NoRows: missing, Duration: t.Elapsed, Requests: t.Requests.Total,
			Note: strings.Join(notes, "; "),
		})
		if t.Snapshot != "" {
			report.Manifests = append(report.Manifests, t.Snapshot)
		}
	}
	return report
}

// Open opens the source.
func (x *Extract) Open(ctx context.Context, cfg *config.Config, env extract.Env) (*extract.Source, error) {
	return x.open(ctx, cfg, env)
}

// TellsPast reports whether the source can tell of past dates.
func (x *Extract) TellsPast() bool { return x.interval }

// Parts returns what the source needs of the configuration.
func (x *Extract) Parts() []string { return x.parts }

// Serves reports whether any of the jobs needs the source.
func (x *Extract) Serves(jobs []job.Job) bool { return len(x.Tables(jobs)) > 0 }

// Tables returns the raw tables that jobs need from the source.
func (x *Extract) Tables(jobs []job.Job) []string {
	var tables []string
	for _, j := range jobs {
		for _, s := range j.Sources {
			if s.Name == x.Source {
				tables = append(tables, s.Tables...)
			}
		}
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}
