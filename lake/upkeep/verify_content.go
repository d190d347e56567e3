package upkeep

import (
	"context"
	"os"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// content reads the files of a snapshot from the first byte to the last.
func (v *verifier) content(ctx context.Context, s *lake.Snapshot) error {
	for _, f := range s.Files {
		found, err := v.readFile(ctx, s, f)
		if fault.ClassOf(err) == fault.Data {
			found, err = append(found, damage("file-content", f.Path, s.Table, s.Date, "the file cannot be read: %s", reason(f.Path, err))), nil
		}
		if err != nil {
			return err
		}
		v.found.add(found...)
	}
	return nil
}

func (v *verifier) readFile(ctx context.Context, s *lake.Snapshot, f lake.File) ([]Finding, error) {
	name, err := v.lake.Local(ctx, f, v.dir)
	if err != nil {
		return nil, err
	}
	if v.lake.Dir() == "" {
		defer os.Remove(name)
	}
	r, err := rows.New(ctx, []rows.File{{Name: f.Path, Path: name}}, s.Columns, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	scan := newScan(s)
	for {
		more, err := r.Next()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		scan.row(r.Cells())
	}
	found := scan.findings(s, f)
	if r.Count() != f.Rows {
		found = append(found, damage("file-rows", f.Path, s.Table, s.Date, "the file holds %d rows, its manifest %s says %d", r.Count(), s.Path, f.Rows))
	}
	return found, nil
}

// scan counts what is wrong with the rows of a file.
type scan struct {
	required  []int // columns that must not be NULL
	nulls     []int64
	key       []int
	last      []heldCell
	unique    bool // a key may stand once
	rows      int64
	unordered int64 // rows that belong before the row before them
	first     int64 // of these
	repeated  int64 // rows with the key of the row before
	repeat    int64 // the first of these
}

// newScan looks for repeated keys in curated tables only: a source may give a row twice, and what was rejected may have been for that.
func newScan(s *lake.Snapshot) *scan {
	c := &scan{unique: s.Table.Schema() == "curated" && !s.Table.IsRejected(), nulls: make([]int64, len(s.Columns))}
	for i, column := range s.Columns {
		if !column.Nullable {
			c.required = append(c.required, i)
		}
	}
	for _, k := range s.Key {
		for i, column := range s.Columns {
			if column.Name == k {
				c.key = append(c.key, i)
			}
		}
	}
	c.last = make([]heldCell, len(c.key))
	return c
}

func (c *scan) row(cells []*rows.Cell) {
	c.rows++
	for _, i := range c.required {
		if cells[i].Null() {
			c.nulls[i]++
		}
	}
	if len(c.key) == 0 {
		return
	}
	order := -1
	if c.rows > 1 {
		order = 0
		for i := 0; i < len(c.key) && order == 0; i++ {
			order = c.last[i].compare(cells[c.key[i]])
		}
	}
	switch {
	case order > 0:
		if c.unordered++; c.first == 0 {
			c.first = c.rows
		}
	case order == 0:
		if c.repeated++; c.repeat == 0 {
			c.repeat = c.rows
		}
		return
	}
	for i, k := range c.key {
		c.last[i].keep(cells[k])
	}
}

func (c *scan) findings(s *lake.Snapshot, f lake.File) []Finding {
	var found []Finding
	add := func(code, what string, args ...any) {
		found = append(found, damage(code, f.Path, s.Table, s.Date, what, args...))
	}
	key := strings.Join(s.Key, ", ")
	if len(c.key) != len(s.Key) {
		add("key-columns", "its manifest %s names the key (%s), which are not all columns", s.Path, key)
	}
	if c.unordered > 0 {
		add("key-order", "%s not in the order of the key (%s), the first is row %d", quantity.Of(c.unordered, "row"), key, c.first)
	}
	if c.unique && c.repeated > 0 {
		add("key-repeated", "%s with the key (%s) of the row before, the first is row %d", quantity.Of(c.repeated, "row"), key, c.repeat)
	}
	for i, n := range c.nulls {
		if n > 0 {
			add("null", "%s with NULL in %s, which its manifest %s says is never NULL", quantity.Of(n, "row"), s.Columns[i].Name, s.Path)
		}
	}
	return found
}
