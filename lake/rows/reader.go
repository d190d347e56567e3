package rows

import (
	"context"
	"fmt"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const (
	readBuffer  = 256 << 10 // of a column of a file
	readBuffers = 16 << 20  // of all columns of all files that are open at once
)

// Reader walks the rows of a snapshot's files, whose columns must have been checked. Use it in one goroutine.
type Reader struct {
	ctx     context.Context
	columns []lake.Column
	key     []int
	buffer  int

	files []File  // not yet opened
	open  []*walk // those with a current row, smallest key first; the first is the one that the reader shows
	count int64   // rows so far
	moved bool    // the first of open shows a row that was given
	err   error
}

// New returns a reader of some columns. With a key, of which all columns must be among these, rows come in its order, and files that
// are not sorted by it or have a key twice are an error of class Data. Without one, rows come file after file.
func New(ctx context.Context, files []File, columns []lake.Column, key []string) (*Reader, error) {
	r := &Reader{ctx: ctx, columns: columns, files: files, buffer: readBuffer}
	for _, k := range key {
		i := slices.IndexFunc(columns, func(c lake.Column) bool { return c.Name == k })
		if i < 0 {
			return nil, fmt.Errorf("key column %q is not among the columns to read", k)
		}
		r.key = append(r.key, i)
	}
	if len(key) > 0 {
		r.buffer = max(4<<10, min(readBuffer, readBuffers/max(1, len(files)*len(columns))))
	}
	return r, nil
}

// Next moves to the next row, or returns false after the last. It goes on failing once it has failed.
func (r *Reader) Next() (bool, error) {
	if r.err != nil {
		return false, r.err
	}
	more, err := r.next()
	if err != nil {
		r.err = err
		r.Close()
	}
	return more, err
}

func (r *Reader) next() (bool, error) {
	if r.count%4096 == 0 {
		if err := r.ctx.Err(); err != nil {
			return false, err
		}
	}
	if err := r.step(); err != nil {
		return false, err
	}
	for len(r.files) > 0 && (len(r.open) == 0 || len(r.key) > 0) {
		if err := r.begin(); err != nil {
			return false, err
		}
	}
	if len(r.open) == 0 {
		return false, nil
	}
	r.moved = true
	r.count++
	if len(r.open) > 1 && compare(r.open[0], r.open[1]) == 0 {
		a, b := r.open[0], r.open[1]
		return false, wrong("the key %s stands twice: in row %d of %s and row %d of %s", a.describe(a.values()), a.count, a.name, b.count, b.name)
	}
	return true, nil
}

// step moves the file whose row was given to its next row, and to its place among the others.
func (r *Reader) step() error {
	if !r.moved {
		return nil
	}
	r.moved = false
	w := r.open[0]
	more, err := w.next()
	if err != nil {
		return err
	}
	if !more {
		w.close()
		r.open = r.open[1:]
		return nil
	}
	for i := 1; i < len(r.open) && compare(w, r.open[i]) > 0; i++ {
		r.open[i-1], r.open[i] = r.open[i], w
	}
	return nil
}

// begin opens the next file and puts it into its place.
func (r *Reader) begin() error {
	w, err := open(r.files[0], r.columns, r.key, r.buffer)
	if err != nil {
		return err
	}
	r.files = r.files[1:]
	more, err := w.next()
	if err != nil || !more {
		w.close()
		return err
	}
	i := slices.IndexFunc(r.open, func(o *walk) bool { return compare(w, o) < 0 })
	if i < 0 {
		i = len(r.open)
	}
	r.open = slices.Insert(r.open, i, w)
	return nil
}

func compare(a, b *walk) int {
	for _, k := range a.key {
		if order := a.cells[k].Compare(b.cells[k]); order != 0 {
			return order
		}
	}
	return 0
}

// Cells returns the cells of the current row, in the order of the columns. The slice is valid until the next call of Next.
func (r *Reader) Cells() []*Cell { return r.open[0].cells }

// Columns returns the columns that are read.
func (r *Reader) Columns() []lake.Column { return r.columns }

// Key returns the indices of the key's columns.
func (r *Reader) Key() []int { return r.key }

// Err returns the error with which Next failed, if it did.
func (r *Reader) Err() error { return r.err }

// Count returns the number of rows so far.
func (r *Reader) Count() int64 { return r.count }

// Close releases the open files.
func (r *Reader) Close() {
	for _, w := range r.open {
		w.close()
	}
	r.open, r.files, r.moved = nil, nil, false
}
