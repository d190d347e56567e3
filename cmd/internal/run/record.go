package run

import (
	"context"
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

// Record runs f as one run of a stage and keeps its record in the lake: first as running, in the end with its
// outcome. A dry run leaves no record.
func (e *Env) Record(ctx context.Context, l *lake.Lake, stage string, f func(context.Context, lake.RunID) (Report, error)) (Report, error) {
	id := lake.NewRunID(e.Now())
	log := e.Log.With("stage", stage, "run_id", string(id))
	if e.DryRun {
		return f(ctx, id)
	}
	record := lake.Run{
		ID: id, Stage: stage, Arguments: e.Args, Status: lake.Running, Date: e.To,
		ToolVersion: e.Version, SimulatedClock: e.Simulated, StartedAt: e.Now(),
	}
	if err := l.PutRun(ctx, record); err != nil {
		return Report{}, err
	}
	log.Info("started", "dt", e.To.String())
	report, err := f(ctx, id)
	record.FinishedAt = e.Now()
	record.Status, record.Manifests, record.Requests = lake.Succeeded, report.Manifests, report.Requests
	if err != nil {
		record.Status, record.Error, record.ExitCode = lake.Failed, err.Error(), int(fault.ClassOf(err))
		if ctx.Err() != nil {
			record.Status = lake.Interrupted
		}
	} else {
		log.Info("finished", "dt", e.To.String(), "seconds", record.FinishedAt.Sub(record.StartedAt).Round(time.Millisecond).Seconds(), "tables", len(report.Lines), "rows", report.rows())
	}
	// The record is worth a moment even when the run was cancelled.
	recordCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if putErr := l.PutRun(recordCtx, record); putErr != nil {
		log.Warn("the record of the run was not written", "error", putErr)
	}
	if len(report.Manifests) > 0 {
		e.RefreshCatalog(ctx, l)
	}
	return report, err
}
