package rows

import (
	"context"
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// File is a file of a snapshot on the local disk.
type File struct {
	Name string // in the lake, for messages
	Path string // on the local disk
}

// Local makes the files of a snapshot local, into dir where the lake is not on disk, and makes sure that they have the
// columns. See [lake.Lake.Local].
func Local(ctx context.Context, l *lake.Lake, m lake.Manifest, columns []lake.Column, dir string) ([]File, error) {
	files := make([]File, len(m.Files))
	paths := make([]string, len(m.Files))
	for i, f := range m.Files {
		path, err := l.Local(ctx, f, dir)
		if err != nil {
			return nil, err
		}
		files[i], paths[i] = File{f.Path, path}, path
	}
	return files, lake.CheckSchema(m, paths, columns)
}

// walk goes through the rows of one file.
type walk struct {
	name   string
	file   *os.File
	groups []parquet.RowGroup // not yet begun
	cells  []*Cell
	left   int64 // rows of the row group after the current one
	count  int64 // rows so far

	key  []int // indices of the key's cells; empty for any order
	last []held
}

// open begins a file. Reads are of the given size, per column.
func open(f File, columns []lake.Column, key []int, buffer int) (*walk, error) {
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.Name, err)
	}
	w := &walk{name: f.Name, file: file, key: key, last: make([]held, len(key))}
	info, err := file.Stat()
	if err == nil {
		var p *parquet.File
		p, err = parquet.OpenFile(file, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(buffer))
		if err == nil {
			w.groups = p.RowGroups()
		}
	}
	if err != nil {
		w.close()
		return nil, w.damaged(err)
	}
	for _, c := range columns {
		w.cells = append(w.cells, &Cell{column: c})
	}
	return w, nil
}

// next moves to the next row, or returns false after the last.
func (w *walk) next() (bool, error) {
	for w.left == 0 {
		if len(w.groups) == 0 {
			return false, nil
		}
		if err := w.begin(w.groups[0]); err != nil {
			return false, w.damaged(err)
		}
		w.groups = w.groups[1:]
	}
	w.left--
	w.count++
	for _, c := range w.cells {
		if err := c.next(); err != nil {
			return false, w.damaged(err)
		}
	}
	if len(w.key) == 0 {
		return true, nil
	}
	return true, w.checkOrder()
}

// begin moves before the first row of a row group.
func (w *walk) begin(group parquet.RowGroup) error {
	chunks := group.ColumnChunks()
	for _, c := range w.cells {
		c.close()
		leaf, ok := group.Schema().Lookup(c.column.Name)
		if !ok {
			return fmt.Errorf("column %q is missing", c.column.Name)
		}
		c.begin(chunks[leaf.ColumnIndex].Pages())
	}
	w.left = group.NumRows()
	return nil
}

// checkOrder compares the row's key with that of the row before it.
func (w *walk) checkOrder() error {
	order := -1
	if w.count > 1 {
		order = 0
		for i, k := range w.key {
			if order = w.last[i].compare(w.cells[k]); order != 0 {
				break
			}
		}
	}
	if order < 0 {
		for i, k := range w.key {
			w.last[i].keep(w.cells[k])
		}
		return nil
	}
	before := make([]any, len(w.key))
	for i := range w.last {
		before[i] = w.last[i].value(w.cells[w.key[i]].column)
	}
	if order == 0 {
		return wrong("the key %s stands twice: in rows %d and %d of %s", w.describe(before), w.count-1, w.count, w.name)
	}
	return wrong("the rows are not sorted by their key: in %s, row %d with %s comes after %s",
		w.name, w.count, w.describe(w.values()), w.describe(before))
}

// values returns the key of the current row.
func (w *walk) values() []any {
	values := make([]any, len(w.key))
	for i, k := range w.key {
		values[i] = w.cells[k].Value()
	}
	return values
}

// close releases the file. What was only read cannot fail to close in a way that matters.
func (w *walk) close() {
	for _, c := range w.cells {
		c.close()
	}
	_ = w.file.Close()
}

func (w *walk) damaged(err error) error {
	return fault.New(fault.Data, "make the date again, or restore the file from a backup",
		fmt.Errorf("lake object %s, row %d: %w", w.name, w.count, err))
}

func wrong(format string, args ...any) error {
	return fault.New(fault.Data, "make the date again with the newest version of its producer", fmt.Errorf(format, args...))
}
