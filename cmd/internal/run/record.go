package run

import (
	"context"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Stage is one stage of the work on an open lake.
type Stage func(context.Context, *Env, *lake.Lake) (Report, error)

// Alone makes what a program runs of a single stage: it opens the lake, runs the stage and prints the report, also of a
// stage that failed.
func Alone(stage Stage) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		return e.WithLake(ctx, func(l *lake.Lake) error {
			report, err := stage(ctx, e, l)
			report.Print(e.Out)
			return err
		})
	}
}

// Record runs f as one run of a stage and keeps its record in the lake: as running while it lives, in the end with
// its outcome. A dry run leaves no record. Meanwhile e logs with the keys stage, run_id, dt unless there are several, and, of an
// extract, source. Settings is a
// digest of what its result depends on besides its inputs, "" if nobody asks.
func (e *Env) Record(ctx context.Context, l *lake.Lake, stage, settings string, f func(context.Context, lake.RunID) (Report, error)) (Report, error) {
	id := lake.NewRunID(e.Now())
	log := e.Log
	defer func() { e.Log = log }()
	e.Log = e.Log.With("stage", stage, "run_id", string(id))
	if source, extract := strings.CutPrefix(stage, "extract-"); extract {
		e.Log = e.Log.With("source", source)
	}
	if e.From == e.To && !e.To.IsZero() {
		e.Log = e.Log.With("dt", e.To.String())
	}
	if e.DryRun {
		return f(ctx, id)
	}
	e.closeKilled(ctx, l)
	record := e.newRecord(id, stage)
	record.Settings = settings
	if err := l.PutRun(ctx, record); err != nil {
		return Report{}, err
	}
	stop := e.keepAlive(ctx, l, record)
	e.Log.Info("started", "dt", e.To.String())
	watch := e.teller.Begin(ctx, e.Config, l, e.Log, record)
	report, err := f(ctx, id)
	stop()
	remedy := runAgain
	if report.Resumes {
		remedy = runOn
	}
	err = explainStop(ctx, err, remedy)
	record.FinishedAt = e.Now()
	record.Status, record.Manifests, record.Requests, record.Tables = lake.Succeeded, report.Manifests, report.Requests, report.done()
	if err != nil {
		record.Status, record.Error, record.Remedy, record.ExitCode = lake.Failed, err.Error(), fault.HintOf(err), int(fault.ClassOf(err))
		if ctx.Err() != nil {
			record.Status = lake.Interrupted
		}
	} else {
		e.Log.Info("finished", "dt", e.To.String(), "seconds", record.FinishedAt.Sub(record.StartedAt).Round(time.Millisecond).Seconds(), "tables", len(report.Lines), "rows", report.rows())
	}
	// The record is worth a moment even when the run was cancelled.
	if putErr := putRecord(context.WithoutCancel(ctx), l, record); putErr != nil {
		e.Log.Warn("the record of the run was not written", "error", putErr)
	}
	if len(report.Manifests) > 0 && !e.Batch {
		e.RefreshCatalog(ctx, l)
	}
	e.failed.add(record)
	watch.End(ctx, record)
	if (stage == "load" || err != nil) && !e.Batch {
		e.RefreshReport(ctx, l)
	}
	return report, err
}

// newRecord returns the record of a run that begins.
func (e *Env) newRecord(id lake.RunID, stage string) lake.Run {
	r := lake.Run{
		ID: id, Parent: e.Parent, Stage: stage, Arguments: e.Args, Status: lake.Running, Date: e.To,
		ToolVersion: e.Version, SimulatedClock: e.Simulated, StartedAt: e.Now(),
	}
	r.SeenAt = r.StartedAt
	if e.From != e.To {
		r.From = e.From
	}
	for _, j := range e.Jobs {
		r.Jobs = append(r.Jobs, j.Name)
	}
	return r
}
