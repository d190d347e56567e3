package lakecmd

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/diff"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

// comparing has the flags of lake diff.
type comparing struct {
	columns, key string
	limit        int
	asJSON       bool
}

func diffProgram() run.Program {
	var c comparing
	return run.Program{
		Name:     "course-inventory lake diff",
		Purpose:  "lake diff tells how two dates of a table differ. It counts the rows that were added, removed and changed, told apart by the table's key, and shows some of each.",
		Examples: []string{"course-inventory lake diff course 2026-03-01 2026-03-02", "course-inventory lake diff enrollment 2026-03-01 2026-03-02 --columns workflow_state --limit 100 --json"},
		Args:     []string{"TABLE", "DATE1", "DATE2"},
		Plain:    true,
		Flags: func(fs *flag.FlagSet) {
			fs.IntVar(&c.limit, "limit", 10, "show up to `N` rows of each kind")
			fs.StringVar(&c.columns, "columns", "", "compare only these columns, comma-separated `NAMES` (default: all)")
			fs.StringVar(&c.key, "key", "", "tell rows apart by these columns, by which they must be sorted, comma-separated `NAMES` (default: the table's key)")
			fs.BoolVar(&c.asJSON, "json", false, jsonFlag)
		},
		Run: c.run,
	}
}

// comparison is what lake diff prints.
type comparison struct {
	Table    lake.Table    `json:"table"`
	Old      side          `json:"old"`
	New      side          `json:"new"`
	Gained   []lake.Column `json:"gained_columns"`
	Lost     []lake.Column `json:"lost_columns"`
	Added    int64         `json:"added"`
	Removed  int64         `json:"removed"`
	Changed  int64         `json:"changed"`
	Examples []example     `json:"examples"`

	limit int
}

type side struct {
	Date     lake.Date `json:"dt"`
	Manifest string    `json:"manifest"`
	Rows     int64     `json:"rows"`
}

// example is a row that differs. Of changed rows, old and new hold the columns that did.
type example struct {
	Kind string `json:"kind"`
	Key  fields `json:"key"`
	Old  fields `json:"old,omitempty"`
	New  fields `json:"new,omitempty"`
}

func (c *comparing) run(ctx context.Context, e *run.Env) error {
	if c.limit < 0 {
		return fault.New(fault.Usage, "give 0 or more", fmt.Errorf("--limit is %d", c.limit))
	}
	var dates [2]lake.Date
	for i := range dates {
		d, err := lake.ParseDate(e.Arg[i+1])
		if err != nil {
			return fault.New(fault.Usage, "write dates as 2026-03-01", err)
		}
		dates[i] = d
	}
	return e.WithLake(ctx, func(l *lake.Lake) error {
		t, err := upkeep.Resolve(ctx, l, e.Arg[0])
		if err != nil {
			return err
		}
		var s [2]lake.Snapshot
		for i, d := range dates {
			if s[i], err = l.Find(ctx, t, d); err != nil {
				return err
			}
		}
		out, err := c.compare(ctx, l, s[0], s[1])
		if err != nil {
			return err
		}
		if c.asJSON {
			return printJSON(e.Out, out)
		}
		out.print(e)
		return nil
	})
}

func (c *comparing) compare(ctx context.Context, l *lake.Lake, before, after lake.Snapshot) (comparison, error) {
	d, err := diff.Snapshots(l, before, after, diff.Options{Key: run.Split(c.key), Columns: run.Split(c.columns)})
	if err != nil {
		return comparison{}, err
	}
	out := comparison{
		Table: after.Table, Old: side{before.Date, before.Path, before.Rows()}, New: side{after.Date, after.Path, after.Rows()},
		Gained: append([]lake.Column{}, d.Gained...), Lost: append([]lake.Column{}, d.Lost...), Examples: []example{}, limit: c.limit,
	}
	shown := map[diff.Kind]int{}
	for change, err := range d.Changes(ctx) {
		if err != nil {
			return comparison{}, err
		}
		if shown[change.Kind]++; shown[change.Kind] <= c.limit {
			out.Examples = append(out.Examples, newExample(d, change))
		}
	}
	out.Added, out.Removed, out.Changed = d.Counts.Added, d.Counts.Removed, d.Counts.Changed
	return out, nil
}

func newExample(d *diff.Diff, c diff.Change) example {
	x := example{Kind: c.Kind.String()}
	for i, v := range c.Key {
		x.Key = append(x.Key, newField(d.Key[i], v))
	}
	for _, i := range c.Columns {
		x.Old = append(x.Old, newField(d.Columns[i], c.Old[i]))
		x.New = append(x.New, newField(d.Columns[i], c.New[i]))
	}
	if c.Kind != diff.Changed { // the other columns of a row that is on one side only
		for i := len(d.Key); i < len(d.Columns); i++ {
			if c.Old != nil {
				x.Old = append(x.Old, newField(d.Columns[i], c.Old[i]))
			} else {
				x.New = append(x.New, newField(d.Columns[i], c.New[i]))
			}
		}
	}
	return x
}

func newField(c lake.Column, value any) field {
	if at, ok := value.(time.Time); ok && c.Type == lake.DateType {
		value = at.Format(time.DateOnly)
	}
	return field{c.Name, value}
}
