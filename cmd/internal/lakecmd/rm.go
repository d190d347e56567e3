package lakecmd

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

// removing has the flags of lake rm.
type removing struct {
	yes, undo, asJSON bool
	after             string
}

func removeProgram() run.Program {
	var r removing
	return run.Program{
		Name: "course-inventory lake rm",
		Purpose: "lake rm removes a date of a table, or with --undo brings it back. Readers do not see the date any more; its files stay until lake gc deletes them. " +
			"Making the date again brings it back, too.\n" +
			"With --after it removes all dates after one, of all tables: what a run under a wrong clock made in the future.",
		Examples: []string{"course-inventory lake rm curated/course 2026-03-01", "course-inventory lake rm curated/course 2026-03-01 --yes", "course-inventory lake rm --undo curated/course 2026-03-01 --yes", "course-inventory lake rm --after 2026-03-01 --yes"},
		Args:     []string{"TABLE", "DATE"},
		NoArgs:   func() bool { return r.after != "" },
		Plain:    true,
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(&r.after, "after", "", "in place of TABLE DATE: all dates after this `DATE`, of all tables")
			fs.BoolVar(&r.yes, "yes", false, "do it; without, nothing is touched")
			fs.BoolVar(&r.undo, "undo", false, "bring back what was removed")
			fs.BoolVar(&r.asJSON, "json", false, jsonFlag)
		},
		Run: r.run,
	}
}

// removedDate is what lake rm prints as JSON.
type removedDate struct {
	Table    lake.Table `json:"table"`
	Date     lake.Date  `json:"dt"`
	Snapshot string     `json:"snapshot"` // manifest of what is removed or brought back
	Rows     int64      `json:"rows"`
	Bytes    int64      `json:"bytes"`
	Undo     bool       `json:"undo"`
	Done     bool       `json:"done"`               // false for a dry run
	Manifest string     `json:"manifest,omitempty"` // that was committed for it
	Notes    []string   `json:"notes,omitempty"`
}

func (r *removing) run(ctx context.Context, e *run.Env) error {
	if r.after != "" {
		return r.runAfter(ctx, e)
	}
	d, err := parseDate("DATE", e.Arg[1])
	if err != nil {
		return err
	}
	if d.IsZero() {
		return fault.New(fault.Usage, "write dates as 2026-03-01", fmt.Errorf("DATE is empty"))
	}
	return e.WithLake(ctx, func(l *lake.Lake) error {
		t, err := upkeep.Resolve(ctx, l, e.Arg[0])
		if err != nil {
			return err
		}
		s, err := r.find(ctx, l, t, d)
		if err != nil {
			return err
		}
		out := removedDate{Table: t, Date: d, Snapshot: s.Path, Rows: s.Rows(), Bytes: s.Bytes(), Undo: r.undo, Done: r.yes, Notes: r.notes(s)}
		if r.yes {
			if out.Manifest, err = r.commit(ctx, e, l, s); err != nil {
				return err
			}
		}
		if r.asJSON {
			return printJSON(e.Out, out)
		}
		out.print(e)
		return nil
	})
}

// runAfter removes the dates after one.
func (r *removing) runAfter(ctx context.Context, e *run.Env) error {
	d, err := parseDate("--after", r.after)
	if err != nil {
		return err
	}
	if r.undo {
		return fault.New(fault.Usage, "bring back dates one by one: lake rm --undo TABLE DATE", errors.New("--after cannot be combined with --undo"))
	}
	return e.WithLake(ctx, func(l *lake.Lake) error {
		found, err := upkeep.After(ctx, l, d)
		if err != nil {
			return err
		}
		removed := []removedDate{}
		for _, s := range found {
			out := removedDate{Table: s.Table, Date: s.Date, Snapshot: s.Path, Rows: s.Rows(), Bytes: s.Bytes(), Done: r.yes, Notes: r.notes(s)}
			if r.yes {
				if out.Manifest, err = r.commit(ctx, e, l, s); err != nil {
					return err
				}
			}
			removed = append(removed, out)
		}
		if r.asJSON {
			return printJSON(e.Out, removed)
		}
		for _, out := range removed {
			out.print(e)
		}
		if len(removed) == 0 {
			fmt.Fprintf(e.Out, "no table has a date after %s\n", d)
		}
		return nil
	})
}

// find returns the snapshot that is removed or brought back.
func (r *removing) find(ctx context.Context, l *lake.Lake, t lake.Table, d lake.Date) (lake.Snapshot, error) {
	if !r.undo {
		return l.Find(ctx, t, d)
	}
	_, s, err := l.RemovalOf(ctx, t, d)
	return s, err
}

// notes tells what follows from the removal.
func (r *removing) notes(s lake.Snapshot) []string {
	var notes []string
	if s.Interval != nil && !r.undo {
		notes = append(notes, fmt.Sprintf("the date holds the interval from %s to %s: without it the table lacks that, and the next extract begins where the newest date before it ends",
			s.Interval.From.Format("2006-01-02 15:04"), s.Interval.To.Format("2006-01-02 15:04")))
	}
	return notes
}

// commit does it, as a run with a record, and returns the manifest.
func (r *removing) commit(ctx context.Context, e *run.Env, l *lake.Lake, s lake.Snapshot) (string, error) {
	recorded := *e
	recorded.Jobs, recorded.From, recorded.To = nil, s.Date, s.Date
	var committed lake.Snapshot
	_, err := recorded.Record(ctx, l, "lake-rm", "", func(ctx context.Context, id lake.RunID) (_ run.Report, err error) {
		if r.undo {
			committed, err = l.Restore(ctx, s.Table, s.Date, removal(e, id, fmt.Sprintf("brought back by run %s", id)))
		} else {
			committed, err = l.Remove(ctx, s, removal(e, id, "removed by hand"))
		}
		if err != nil {
			return run.Report{}, err
		}
		return run.Report{Manifests: []string{committed.Path}}, nil
	})
	return committed.Path, err
}

func (d removedDate) print(e *run.Env) {
	fmt.Fprintf(e.Out, "%s for %s: %s with %s in %s\n", d.Table, d.Date, d.Snapshot, quantity.Of(d.Rows, "row"), quantity.Of(d.Bytes, "byte"))
	for _, n := range d.Notes {
		fmt.Fprintf(e.Out, "note: %s\n", n)
	}
	switch {
	case !d.Done && d.Undo:
		fmt.Fprintln(e.Out, "would be brought back: add --yes to do it")
	case !d.Done:
		fmt.Fprintln(e.Out, "would be removed: add --yes to do it")
	case d.Undo:
		fmt.Fprintf(e.Out, "brought back by %s\n", d.Manifest)
	default:
		fmt.Fprintf(e.Out, "removed by %s; lake rm --undo brings it back, until lake gc deletes its files\n", d.Manifest)
	}
}
