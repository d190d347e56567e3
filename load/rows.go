package load

import (
	"context"
	"fmt"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// readBuffer is the size of reads from a Parquet file, per column.
const readBuffer = 256 << 10

// rows walks the rows of a snapshot's local files. Their schema must have been checked.
type rows struct {
	ctx     context.Context
	files   []string
	columns []lake.Column

	file   *os.File
	groups []parquet.RowGroup // of the file, not yet begun
	cells  []*cells           // of the row group
	left   int64              // rows of the row group after the current one
	count  int64              // rows so far
}

// next moves to the next row, or returns false after the last.
func (r *rows) next() (bool, error) {
	for r.left == 0 {
		more, err := r.advance()
		if !more || err != nil {
			return false, err
		}
	}
	r.left--
	r.count++
	if r.count%4096 == 0 {
		if err := r.ctx.Err(); err != nil {
			return false, err
		}
	}
	for _, c := range r.cells {
		if err := c.next(); err != nil {
			return false, r.damaged(err)
		}
	}
	return true, nil
}

// advance begins the next row group, or returns false after the last.
func (r *rows) advance() (bool, error) {
	for len(r.groups) == 0 {
		r.close()
		if len(r.files) == 0 {
			return false, nil
		}
		if err := r.open(r.files[0]); err != nil {
			return false, fmt.Errorf("open snapshot: %w", err)
		}
		r.files = r.files[1:]
	}
	r.closeCells()
	group := r.groups[0]
	r.groups = r.groups[1:]
	r.left = group.NumRows()
	chunks := group.ColumnChunks()
	for _, c := range r.columns {
		leaf, ok := group.Schema().Lookup(c.Name)
		if !ok {
			return false, r.damaged(fmt.Errorf("column %q is missing", c.Name))
		}
		r.cells = append(r.cells, &cells{name: c.Name, typ: c.Type, pages: chunks[leaf.ColumnIndex].Pages()})
	}
	return true, nil
}

func (r *rows) open(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	r.file = f
	info, err := f.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(readBuffer))
	if err != nil {
		return err
	}
	r.groups = file.RowGroups()
	return nil
}

// append writes the current row as a line of LOAD DATA.
func (r *rows) append(dst []byte) []byte {
	for i, c := range r.cells {
		if i > 0 {
			dst = append(dst, '\t')
		}
		dst = c.append(dst)
	}
	return append(dst, '\n')
}

// get adds the current row's values to dst.
func (r *rows) get(dst []any) []any {
	for _, c := range r.cells {
		dst = append(dst, c.get())
	}
	return dst
}

func (r *rows) closeCells() {
	for _, c := range r.cells {
		c.close()
	}
	r.cells = nil
}

// close releases the open file, if any. What was only read cannot fail to close in a way that matters.
func (r *rows) close() {
	r.closeCells()
	if r.file != nil {
		_ = r.file.Close()
		r.file = nil
	}
	r.groups, r.left = nil, 0
}

func (r *rows) damaged(err error) error {
	return fault.New(fault.Data, "make the date again, or restore the file from a backup",
		fmt.Errorf("read row %d of snapshot %s: %w", r.count, r.file.Name(), err))
}
