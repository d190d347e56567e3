// Package migratecmd makes the commands that show and change the schema of the inventory's database.
package migratecmd

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// Programs returns the commands.
func Programs() []run.Program {
	var wait time.Duration
	return []run.Program{
		{
			Name: "course-inventory migrate status",
			Purpose: "migrate status lists the migrations of the inventory's database. It says which were applied and when, and what about the tables " +
				"would make a load refuse them; it changes nothing. It ends with exit status 75 where migrations are missing, and 65 or 78 where they would be refused.",
			Examples: []string{"course-inventory migrate status"},
			Plain:    true,
			Run:      status,
		},
		{
			Name: "course-inventory migrate up",
			Purpose: "migrate up applies the migrations that the inventory's database lacks. Every load does that by itself; use this command to choose the time, " +
				"such as before the first load into a database of the original program, whose large tables take a while to widen. Interrupted, it goes on where it was when it is run again.",
			Examples: []string{"course-inventory migrate up", "course-inventory migrate up --wait 30m"},
			Plain:    true,
			Flags: func(fs *flag.FlagSet) {
				fs.DurationVar(&wait, "wait", 0, "wait this `DURATION`, such as 10m, for readers of the tables; a minute at least")
			},
			Run: func(ctx context.Context, e *run.Env) error { return up(ctx, e, wait) },
		},
	}
}

func status(ctx context.Context, e *run.Env) error {
	if err := e.Config.Require(config.PartInventoryDB); err != nil {
		return err
	}
	s, err := load.ReadSchema(ctx, e.Config.InventoryDB)
	if err != nil {
		return err
	}
	show(e.Out, s)
	if err := migrations.Refusal(s.Findings); err != nil {
		return err
	}
	if n := s.Pending(); n > 0 {
		return fault.New(fault.Temporary, "run course-inventory migrate up, or the next load", fmt.Errorf("migrations are missing: %d", n))
	}
	return nil
}

func show(w io.Writer, s load.Schema) {
	if s.Original {
		fmt.Fprintln(w, "The original program filled this database; it is adopted in place, and its tables of migrations stay as they are.")
	}
	for _, f := range s.Findings {
		kind := "warning"
		if f.Forbids() {
			kind = "refused"
		}
		fmt.Fprintf(w, "%-24s %s: %s\n", kind, f.Problem, f.Remedy)
	}
	for _, m := range s.Migrations {
		switch {
		case !m.Applied:
			fmt.Fprintf(w, "%-24s %s\n", "missing", m.Name)
		case m.Name == "":
			fmt.Fprintf(w, "%-24s %05d of a newer version of this program\n", m.At.Format(time.RFC3339), m.Version)
		default:
			fmt.Fprintf(w, "%-24s %s\n", m.At.Format(time.RFC3339), m.Name)
		}
	}
}

func up(ctx context.Context, e *run.Env, wait time.Duration) error {
	if wait < 0 {
		return fault.New(fault.Usage, "give a duration, such as 10m", errors.New("--wait must not be negative"))
	}
	if err := e.Config.Require(config.PartInventoryDB); err != nil {
		return err
	}
	before, err := load.ReadSchema(ctx, e.Config.InventoryDB)
	if err != nil {
		return err
	}
	if before.Pending() == 0 && migrations.Refusal(before.Findings) == nil {
		fmt.Fprintln(e.Out, "Nothing to do: all migrations were applied.")
		return nil
	}
	if err := load.Migrate(ctx, e.Config.InventoryDB, wait, e.Log); err != nil {
		return err
	}
	fmt.Fprintf(e.Out, "Applied %s.\n", quantity.Of(before.Pending(), "migration"))
	return nil
}
