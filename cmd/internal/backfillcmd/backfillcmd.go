// Package backfillcmd makes the dates of a range that the lake can make, and loads them.
//
// What is done already, manifests and the loads' record tell, so a backfill that was killed goes on where it stopped, and a second
// one finds nothing to do.
package backfillcmd

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/database"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/loadcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/standing"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/transformcmd"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// backfill has the settings of the command.
type backfill struct {
	stages    string
	reprocess string
	maxActive int
	transform transformcmd.Stage
	load      loadcmd.Stage
}

// The stages, in their order.
const (
	extractStage   = "extract"
	transformStage = "transform"
	loadStage      = "load"
)

// What to do again.
const (
	reprocessNone   = "none"
	reprocessFailed = "failed"
	reprocessAll    = "all"
)

// Program returns the program `course-inventory backfill`.
func Program() run.Program {
	b := backfill{load: loadcmd.Stage{MadeFrom: transform.MadeFrom}}
	return run.Program{
		Name: "course-inventory backfill",
		Purpose: "backfill makes what is missing in a range of dates. It transforms the dates whose raw tables the lake holds and loads the result; " +
			"with --stages extract,… it also asks the sources that can tell of past dates (UDP and Kaltura) for theirs.\n" +
			"What is done already, the lake and the database themselves tell: after an interruption the same command goes on where it stopped. " +
			"A date that fails does not stop the others; the exit status is that of the worst failure. A signal ends the backfill when " +
			"the dates under way are done, a second one at once.",
		Examples: []string{
			"course-inventory backfill --from 2026-03-01 --to 2026-03-31 --dry-run",
			"course-inventory backfill --from 2026-03-01 --to 2026-03-31",
			"course-inventory backfill --from 2026-03-01 --to 2026-03-31 --jobs MIVIDEO --stages extract,transform,load",
			"course-inventory backfill --from 2026-03-01 --to 2026-03-31 --reprocess all --max-active 4 --memory-limit 1GB",
		},
		Ranged:  true,
		Commits: true,
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(&b.stages, "stages", "transform,load", "only these `STAGES`: extract, transform, load")
			fs.StringVar(&b.reprocess, "reprocess", reprocessNone, "do again `WHICH` dates beside the missing ones: none, failed (those whose last run failed) or all")
			fs.IntVar(&b.maxActive, "max-active", 1, "work on `N` dates at once; loads go one after the other")
			b.transform.Flags(fs)
			b.load.Flags(fs)
		},
		Run:      b.run,
		AskMySQL: database.ForReport,
	}
}

func (b *backfill) run(ctx context.Context, e *run.Env) error {
	stages, err := b.check(e)
	if err != nil {
		return err
	}
	return e.WithLake(ctx, func(l *lake.Lake) error {
		p := planner{backfill: b, env: e, lake: standing.New(l), stages: stages}
		if p.has(loadStage) {
			if p.held, err = load.Held(ctx, e.Config.InventoryDB); err != nil {
				return err
			}
		}
		steps, err := p.plan(ctx)
		if err != nil {
			return err
		}
		if e.DryRun {
			printPlan(e.Out, steps)
			return nil
		}
		err = execute(ctx, e, l, steps, b.maxActive)
		refresh(ctx, e, l, steps)
		printSummary(e.Out, steps)
		return err
	})
}

// check returns the stages, or an error about what the flags ask for.
func (b *backfill) check(e *run.Env) ([]string, error) {
	known := []string{extractStage, transformStage, loadStage}
	stages := run.Split(b.stages)
	for _, s := range stages {
		if !slices.Contains(known, s) {
			return nil, fault.New(fault.Usage, "the stages are: "+strings.Join(known, ", "), fmt.Errorf("--stages names %q", s))
		}
	}
	switch {
	case len(stages) == 0:
		return nil, fault.New(fault.Usage, "the stages are: "+strings.Join(known, ", "), fmt.Errorf("--stages names none"))
	case !slices.Contains([]string{reprocessNone, reprocessFailed, reprocessAll}, b.reprocess):
		return nil, fault.New(fault.Usage, "give none, failed or all", fmt.Errorf("--reprocess is %q", b.reprocess))
	case b.maxActive < 1:
		return nil, fault.New(fault.Usage, "give 1 or more", fmt.Errorf("--max-active is %d", b.maxActive))
	}
	if err := nightly.CheckTables(e); err != nil {
		return nil, err
	}
	var parts []string
	if slices.Contains(stages, loadStage) {
		parts = append(parts, config.PartInventoryDB)
	}
	for _, x := range nightly.Extracts() {
		if slices.Contains(stages, extractStage) && x.TellsPast() && x.Serves(e.Jobs) {
			parts = append(parts, x.Parts()...)
		}
	}
	return stages, e.Config.Require(parts...)
}
