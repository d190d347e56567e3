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

// defaultGrace is how long a run may take that is still under way, and a reader be at work with what was replaced.
const defaultGrace = 24 * time.Hour

// verification has the flags of lake verify.
type verification struct {
	tables, from, to string
	deep, asJSON     bool
}

func verifyProgram() run.Program {
	var v verification
	return run.Program{
		Name: "course-inventory lake verify",
		Purpose: "lake verify checks that every snapshot is what was committed. It looks at manifests, what they were made from, and files by their sizes and footers, " +
			"and lists all that it finds: damage, with the remedy, and notes about what lies around. With damage it ends with status 65.",
		Examples: []string{"course-inventory lake verify", "course-inventory lake verify --deep --from 2026-03-01", "course-inventory lake verify --tables curated/course --json"},
		Plain:    true,
		Flags: func(fs *flag.FlagSet) {
			fs.BoolVar(&v.deep, "deep", false, "read every file again: digests, rows, order of the keys, NULLs")
			fs.StringVar(&v.tables, "tables", "", tablesFlag)
			fs.StringVar(&v.from, "from", "", "only from this `DATE` on")
			fs.StringVar(&v.to, "to", "", "only up to this `DATE`, inclusive")
			fs.BoolVar(&v.asJSON, "json", false, jsonFlag)
		},
		Run: v.run,
	}
}

func (v *verification) run(ctx context.Context, e *run.Env) error {
	o := upkeep.VerifyOptions{
		Scope: upkeep.Scope{Tables: run.Split(v.tables)}, Deep: v.deep, Now: e.Now(), Grace: defaultGrace,
		Progress: func(done, total int64) { e.Progress("lake verify", "snapshots", done, total) },
	}
	var err error
	if o.Scope.From, err = parseDate("--from", v.from); err != nil {
		return err
	}
	if o.Scope.To, err = parseDate("--to", v.to); err != nil {
		return err
	}
	return e.WithLake(ctx, func(l *lake.Lake) error {
		found, err := upkeep.Verify(ctx, l, o)
		if err != nil {
			return err
		}
		if v.asJSON {
			err = printJSON(e.Out, found)
		} else {
			found.Print(e.Out)
		}
		if n := found.Damaged(); err == nil && n > 0 {
			err = fault.New(fault.Data, "each finding tells its remedy; what is not damaged can be used", fmt.Errorf("the lake is damaged: %s", quantity.Of(n, "finding")))
		}
		return err
	})
}
