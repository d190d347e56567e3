package rowsort

import (
	"container/heap"
	"context"

	"github.com/parquet-go/parquet-go"
)

// mergeRows is how many rows are handed on at once.
const mergeRows = 128

// merge calls write with the rows of all runs in the order of compare.
func (r *runs) merge(ctx context.Context, compare func(a, b parquet.Row) int, write func([]parquet.Row) (int, error)) error {
	heads := &heads{compare: compare}
	for _, run := range r.readers() {
		more, err := run.next()
		if err != nil {
			return err
		}
		if more {
			heads.runs = append(heads.runs, run)
		}
	}
	heap.Init(heads)
	var batch []parquet.Row
	var values []parquet.Value
	for len(heads.runs) > 0 {
		first, from := heads.runs[0], len(values)
		values = append(values, first.row...)
		batch = append(batch, values[from:len(values):len(values)])
		more, err := first.next()
		if err != nil {
			return err
		}
		if more {
			heap.Fix(heads, 0)
		} else {
			heap.Pop(heads)
		}
		if len(batch) < mergeRows && len(heads.runs) > 0 {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := write(batch); err != nil {
			return err
		}
		batch, values = batch[:0], values[:0]
	}
	return nil
}

// heads is a heap of runs by the rows that are next. Of equal ones that of the earlier run comes first.
type heads struct {
	compare func(a, b parquet.Row) int
	runs    []*reader
}

func (h *heads) Len() int { return len(h.runs) }

func (h *heads) Less(i, j int) bool {
	a, b := h.runs[i], h.runs[j]
	c := h.compare(a.row, b.row)
	return c < 0 || c == 0 && a.number < b.number
}

func (h *heads) Swap(i, j int) { h.runs[i], h.runs[j] = h.runs[j], h.runs[i] }

// Push is there for the interface; runs only end.
func (h *heads) Push(run any) { h.runs = append(h.runs, run.(*reader)) }

func (h *heads) Pop() any {
	last := h.runs[len(h.runs)-1]
	h.runs = h.runs[:len(h.runs)-1]
	return last
}
