package lakecmd

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

// cleaning has the flags of lake gc.
type cleaning struct {
	delete, asJSON bool
	grace          time.Duration
}

func cleanProgram() run.Program {
	var c cleaning
	return run.Program{
		Name: "course-inventory lake gc",
		Purpose: "lake gc cleans the lake up. It shows, and with --delete deletes, what superseded snapshots, removed dates, killed runs and old checkpoints left, " +
			"and has dates removed that LAKE.retention does not keep. What snapshots in force or runs under way need stays.",
		Examples: []string{"course-inventory lake gc", "course-inventory lake gc --delete", "course-inventory lake gc --grace 72h --json"},
		Plain:    true,
		Flags: func(fs *flag.FlagSet) {
			fs.BoolVar(&c.delete, "delete", false, "do it; without, nothing is touched")
			fs.DurationVar(&c.grace, "grace", defaultGrace, "leave alone what is younger than this `DURATION`, which must be longer than any run takes")
			fs.BoolVar(&c.asJSON, "json", false, jsonFlag)
		},
		Run: c.run,
	}
}

// outcome is what lake gc prints as JSON.
type outcome struct {
	*upkeep.Plan
	Done    bool     `json:"done"` // false for a dry run
	Removed []string `json:"removed,omitempty"`
	Deleted int      `json:"deleted"`
	Bytes   int64    `json:"deleted_bytes"`
	Spared  []string `json:"spared,omitempty"`
}

func (c *cleaning) run(ctx context.Context, e *run.Env) error {
	if c.grace < 0 {
		return fault.New(fault.Usage, "write it as 24h", fmt.Errorf("--grace %s is negative", c.grace))
	}
	keep := e.Config.Lake.Retention
	return e.WithLake(ctx, func(l *lake.Lake) error {
		plan, err := upkeep.PlanClean(ctx, l, upkeep.CleanOptions{
			Retention: upkeep.Retention{Days: keep.Days, MonthEnds: keep.MonthEnds, TermEnds: keep.TermEnds},
			Grace:     c.grace, Now: e.Now(),
			Progress: func(done, total int64) { e.Progress("lake gc", "manifests", done, total) },
		})
		if err != nil {
			return err
		}
		if !c.asJSON {
			plan.Print(e.Out, run.Width())
		}
		out := outcome{Plan: plan, Done: c.delete}
		if c.delete {
			err = c.clean(ctx, e, l, plan, &out)
		}
		switch {
		case c.asJSON:
			if printErr := printJSON(e.Out, out); err == nil {
				err = printErr
			}
		case !c.delete:
			fmt.Fprintln(e.Out, "nothing was touched: add --delete to do it")
		default:
			fmt.Fprintf(e.Out, "removed %s, deleted %s with %s, spared %d because others were at work\n",
				quantity.Of(len(out.Removed), "date"), quantity.Of(out.Deleted, "object"), quantity.Of(out.Bytes, "byte"), len(out.Spared))
		}
		return err
	})
}

// clean does what the plan says, as a run with a record.
func (c *cleaning) clean(ctx context.Context, e *run.Env, l *lake.Lake, plan *upkeep.Plan, out *outcome) error {
	recorded := *e
	recorded.Jobs, recorded.From, recorded.To = nil, e.Today, e.Today
	_, err := recorded.Record(ctx, l, "lake-gc", "", func(ctx context.Context, id lake.RunID) (run.Report, error) {
		log := recorded.Log
		done, err := plan.Clean(ctx, l, removal(e, id, "LAKE.retention does not keep the date"), func(d upkeep.Deletion) {
			log.Info("deleted", "object", d.Object, "bytes", d.Bytes, "why", string(d.Why))
		})
		out.Removed, out.Deleted, out.Bytes, out.Spared = done.Removals, len(done.Deletions), done.Bytes(), done.Spared
		for _, s := range done.Spared {
			log.Info("spared", "what", s, "why", "another run committed meanwhile")
		}
		return run.Report{Manifests: done.Removals}, err
	})
	return err
}

func removal(e *run.Env, id lake.RunID, reason string) lake.Removal {
	return lake.Removal{Run: id, ToolVersion: e.Version, SimulatedClock: e.Simulated, At: e.Now(), Reason: reason}
}
