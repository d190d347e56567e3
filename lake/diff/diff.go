package diff

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// Options say what to compare. The zero value compares everything by the key that the manifests name.
type Options struct {
	Key     []string // the columns that identify a row and that it is sorted by; empty for the manifests' key
	Columns []string // other columns to compare; empty for all that both snapshots have
}

// Diff is the difference of two snapshots.
type Diff struct {
	Key     []lake.Column // what identifies a row
	Columns []lake.Column // what is compared: the key, then the other columns that both snapshots have, in the order of the new one
	Gained  []lake.Column // only the new snapshot has them, by this name and type
	Lost    []lake.Column // only the old one has them
	Counts  Counts        // of the rows seen so far; of all of them once Changes or Count has ended

	lake     *lake.Lake
	old, new lake.Snapshot
}

// Change is what became of one row.
type Change struct {
	Kind    Kind  // Added, Removed or Changed
	Key     []any // a value per column of [Diff.Key]; see [rows.Cell.Value]
	Columns []int // those that changed, by their indices in [Diff.Columns]; empty for rows that were added or removed
	Old     []any // a value per column of [Diff.Columns]; nil for rows that were added
	New     []any // the same; nil for rows that were removed
}

// Snapshots prepares the comparison of an old and a new snapshot of a table. It reads no rows yet.
func Snapshots(lk *lake.Lake, before, after lake.Snapshot, opt Options) (*Diff, error) {
	d := &Diff{lake: lk, old: before, new: after}
	key := opt.Key
	if len(key) == 0 {
		key = after.Key
		if !slices.Equal(key, before.Key) {
			return nil, fault.New(fault.Data, "compare snapshots that are sorted by the same columns",
				fmt.Errorf("%s is sorted by %s, but %s is sorted by %s", before.Path, columns(before.Key), after.Path, columns(after.Key)))
		}
	}
	if len(key) == 0 {
		return nil, fault.New(fault.Data, "compare a table whose manifests name a key",
			fmt.Errorf("snapshot %s has no key by which its rows could be told apart", after.Path))
	}
	for _, name := range key {
		o, n := find(before.Columns, name), find(after.Columns, name)
		if o == nil || n == nil || o.Type != n.Type {
			return nil, fault.New(fault.Data, "compare snapshots that were made by the same version of their producer",
				fmt.Errorf("the key column %q is not in both %s and %s with the same type", name, before.Path, after.Path))
		}
		d.Key = append(d.Key, *n)
	}
	d.Columns = slices.Clone(d.Key)
	for _, name := range opt.Columns {
		if find(before.Columns, name) == nil && find(after.Columns, name) == nil {
			return nil, fault.New(fault.Usage, "choose from "+names(after.Columns), fmt.Errorf("table %s has no column %q", after.Table, name))
		}
	}
	wanted := func(name string) bool {
		return !slices.Contains(key, name) && (len(opt.Columns) == 0 || slices.Contains(opt.Columns, name))
	}
	for _, n := range after.Columns {
		if !wanted(n.Name) {
			continue
		}
		if o := find(before.Columns, n.Name); o != nil && o.Type == n.Type {
			d.Columns = append(d.Columns, n)
		} else {
			d.Gained = append(d.Gained, n)
		}
	}
	for _, o := range before.Columns {
		if n := find(after.Columns, o.Name); wanted(o.Name) && (n == nil || n.Type != o.Type) {
			d.Lost = append(d.Lost, o)
		}
	}
	return d, nil
}

// Changes yields what changed, in the order of the key. It ends at the first error, which it yields.
func (d *Diff) Changes(ctx context.Context) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		more := true
		err := d.each(ctx, func(k Kind, m *Merge) bool {
			more = yield(d.change(k, m), nil)
			return more
		})
		if err != nil && more {
			yield(Change{}, err)
		}
	}
}

// Count walks all rows and returns their counts.
func (d *Diff) Count(ctx context.Context) (Counts, error) {
	err := d.each(ctx, func(Kind, *Merge) bool { return true })
	return d.Counts, err
}

// each calls f for every row that is not the same, until it returns false.
func (d *Diff) each(ctx context.Context, f func(Kind, *Merge) bool) (err error) {
	dir := ""
	if d.lake.Dir() == "" {
		if dir, err = scratch.Dir("copy snapshots", "lake-diff-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	before, err := d.reader(ctx, d.old, dir)
	if err != nil {
		return err
	}
	defer before.Close()
	after, err := d.reader(ctx, d.new, dir)
	if err != nil {
		return err
	}
	defer after.Close()
	m, err := NewMerge(before, after)
	if err != nil {
		return err
	}
	defer func() { d.Counts = m.Counts }()
	for {
		k, err := m.Next()
		if err != nil || k == End {
			return err
		}
		d.Counts = m.Counts
		if k != Same && !f(k, m) {
			return nil
		}
	}
}

// reader opens a snapshot for the columns that are compared.
func (d *Diff) reader(ctx context.Context, s lake.Snapshot, dir string) (*rows.Reader, error) {
	columns := slices.Clone(d.Columns)
	for i := range columns {
		columns[i].Nullable = true // whether NULL is allowed may differ
	}
	files, err := rows.Local(ctx, d.lake, s.Manifest, columns, dir)
	if err != nil {
		return nil, err
	}
	key := make([]string, len(d.Key))
	for i, c := range d.Key {
		key[i] = c.Name
	}
	return rows.New(ctx, files, columns, key)
}

// change makes a value of the merge's current row.
func (d *Diff) change(k Kind, m *Merge) Change {
	c := Change{Kind: k}
	if k != Added {
		c.Old = values(m.Old.Cells())
		c.Key = c.Old[:len(d.Key):len(d.Key)]
	}
	if k != Removed {
		c.New = values(m.New.Cells())
		c.Key = c.New[:len(d.Key):len(d.Key)]
	}
	if k == Changed {
		for i, o := range m.Old.Cells() {
			if !o.Equal(m.New.Cells()[i]) {
				c.Columns = append(c.Columns, i)
			}
		}
	}
	return c
}

func values(cells []*rows.Cell) []any {
	v := make([]any, len(cells))
	for i, c := range cells {
		v[i] = c.Value()
	}
	return v
}

func find(columns []lake.Column, name string) *lake.Column {
	if i := slices.IndexFunc(columns, func(c lake.Column) bool { return c.Name == name }); i >= 0 {
		return &columns[i]
	}
	return nil
}

func names(columns []lake.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return strings.Join(list, ", ")
}

func columns(key []string) string {
	if len(key) == 0 {
		return "nothing"
	}
	return strings.Join(key, ", ")
}
