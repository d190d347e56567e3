package load

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// feed is rows on their way to the server, in the order in which they are sent.
type feed interface {
	next() (bool, error)
	count() int64      // rows so far
	columns() []string // of the table that they go to
	append(dst []byte) []byte
	get(dst []any) []any
	close()
}

// opener opens a feed. Opened again, it gives the same rows once more, to find the one that the server refused.
type opener func(ctx context.Context) (feed, error)

// whole is all rows of a snapshot.
type whole struct {
	*rows.Reader
	tally    *tally // nil where nobody asks
	referred []*referred
}

// whole opens a feed of the snapshot's rows.
func (t *tableLoad) whole(ctx context.Context) (feed, error) {
	r, err := t.reader(ctx)
	if err != nil {
		return nil, err
	}
	w := &whole{Reader: r}
	if t.table.summable() {
		t.tally = new(tally)
		w.tally = t.tally
	}
	if t.bulk {
		t.referred = t.table.referred()
		w.referred = t.referred
	}
	return w, nil
}

// reader opens the snapshot for reading, in the order of its key if it says that it has it.
func (t *tableLoad) reader(ctx context.Context) (*rows.Reader, error) {
	var key []string
	if t.sorted() {
		key = t.table.Key
	}
	return rows.New(ctx, t.files, t.table.Columns, key)
}

func (w *whole) next() (bool, error) {
	more, err := w.Next()
	if !more || err != nil {
		return false, err
	}
	if w.tally != nil {
		w.tally.add(w.Cells())
	}
	for _, r := range w.referred {
		r.add(w.Cells())
	}
	return true, nil
}

func (w *whole) count() int64      { return w.Count() }
func (w *whole) columns() []string { return names(w.Columns()) }
func (w *whole) close()            { w.Close() }

func (w *whole) append(dst []byte) []byte { return append(appendFields(dst, w.Cells()), '\n') }
func (w *whole) get(dst []any) []any      { return appendArguments(dst, w.Cells()) }

// appendFields writes a row as a line of LOAD DATA, without its end.
func appendFields(dst []byte, cells []*rows.Cell) []byte {
	for i, c := range cells {
		if i > 0 {
			dst = append(dst, '\t')
		}
		dst = appendField(dst, c)
	}
	return dst
}

func appendArguments(dst []any, cells []*rows.Cell) []any {
	for _, c := range cells {
		dst = append(dst, argument(c))
	}
	return dst
}

// nth returns the values of the n-th row of a feed, counted from 1.
func nth(ctx context.Context, open opener, n int64) ([]any, error) {
	f, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer f.close()
	for f.count() < n {
		if more, err := f.next(); err != nil || !more {
			return nil, fmt.Errorf("row %d is not there: %w", n, err)
		}
	}
	return f.get(nil), nil
}

func names(columns []lake.Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}
