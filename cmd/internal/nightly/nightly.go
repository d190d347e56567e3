// Package nightly runs all stages of the configured jobs in order.
package nightly

import (
	"context"
	"errors"
	"flag"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/loadcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/transformcmd"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/udw"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func extracts() []extractcmd.Extract {
	return []extractcmd.Extract{
		extractcmd.New("canvas", canvas.Open),
		extractcmd.New("udw", udw.Open),
	}
}

// Program returns the program `course-inventory run`.
func Program() run.Program {
	var n night
	return run.Program{
		Name:     "course-inventory run",
		Purpose:  "run extracts, transforms and loads the configured jobs, and ends at the first stage that fails.",
		Examples: []string{"course-inventory run", "course-inventory run --jobs COURSE_INVENTORY --log-format json", "course-inventory run --dry-run"},
		Flags: func(fs *flag.FlagSet) {
			n.transform.Flags(fs)
			n.load.Flags(fs)
		},
		Run: n.run,
	}
}

type night struct {
	transform transformcmd.Stage
	load      loadcmd.Stage
}

func (n *night) run(ctx context.Context, e *run.Env) error {
	if err := e.Config.Require(parts(e.Jobs)...); err != nil {
		return err
	}
	e.Lenient = true
	return e.WithLake(ctx, func(l *lake.Lake) error {
		var whole run.Report
		defer func() { whole.Print(e.Out) }()
		for _, stage := range n.stages() {
			report, err := stage(ctx, e, l)
			whole.Add(report)
			if e.DryRun && errors.Is(err, lake.ErrNotFound) {
				e.Log.Info("the next stage would use what the earlier ones commit")
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

type stage func(context.Context, *run.Env, *lake.Lake) (run.Report, error)

func (n *night) stages() []stage {
	var stages []stage
	for _, x := range extracts() {
		stages = append(stages, x.Stage)
	}
	return append(stages, n.transform.Run, n.load.Run)
}

// parts returns what the jobs need of the configuration, from their extracts to their load.
func parts(jobs []job.Job) []string {
	var parts []string
	for _, j := range jobs {
		parts = append(parts, config.PartsOf(j.Name)...)
	}
	return parts
}
