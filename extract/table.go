package extract

import (
	"context"
	"iter"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Table is one raw table of a source.
type Table struct {
	Name string
	Key  []string // columns that the rows are sorted by

	columns   func() ([]lake.Column, error)
	write     func(ctx context.Context, l *lake.Lake, p lake.Part, progress func(rows int64)) (lake.File, error)
	attempts  int
	wait      time.Duration
	since     *Since     // of an incremental table
	follows   lake.Table // of a table that follows another
	remembers bool       // it may take rows over from its earlier snapshot
	rests     []string   // columns that may be NULL, and that curated tables rest on
	loose     bool       // it may lose rows
	scope     lake.Scope // what it is asked for
}

// NewTable returns the table that rows yields. The sequence ends at its first error. It ends soon
// after ctx does, and what it yielded in between does not count.
func NewTable[T any](name string, key []string, rows func(context.Context) iter.Seq2[T, error]) Table {
	return Table{Name: name, Key: key, columns: lake.ColumnsOf[T], write: writer(rows)}
}

// Again returns t to be read again from its start, up to attempts times in all, while it ends in an
// error of class Temporary. It is for sources that send a table in one stream. wait is the pause before the
// second time, doubled for each one after, up to half a minute.
func (t Table) Again(attempts int, wait time.Duration) Table {
	t.attempts, t.wait = attempts, wait
	return t
}

const (
	batchRows    = 512
	maxTableWait = 30 * time.Second
)

// writer returns a function that writes all rows as one part, or leaves none behind.
func writer[T any](rows func(context.Context) iter.Seq2[T, error]) func(context.Context, *lake.Lake, lake.Part, func(int64)) (lake.File, error) {
	return func(ctx context.Context, l *lake.Lake, p lake.Part, progress func(int64)) (lake.File, error) {
		w, err := lake.NewWriter[T](ctx, l, p)
		if err != nil {
			return lake.File{}, err
		}
		closed := false
		defer func() {
			if !closed {
				w.Abort()
			}
		}()
		batch := make([]T, 0, batchRows)
		flush := func() error {
			err := w.Write(batch...)
			batch = batch[:0]
			progress(w.Rows())
			return err
		}
		for row, err := range rows(ctx) {
			if err != nil {
				return lake.File{}, err
			}
			if batch = append(batch, row); len(batch) == batchRows {
				if err := flush(); err != nil {
					return lake.File{}, err
				}
			}
		}
		if err := flush(); err != nil {
			return lake.File{}, err
		}
		if ctx.Err() != nil { // the sequence may have ended for that reason
			return lake.File{}, context.Cause(ctx)
		}
		closed = true
		return w.Close()
	}
}

// fetch writes the table's rows, again after passing errors if the table is to.
func (t Table) fetch(ctx context.Context, l *lake.Lake, p lake.Part, progress func(int64)) (lake.File, error) {
	first := max(t.wait, time.Nanosecond)
	wait := retry.WithMaxRetries(uint64(max(1, t.attempts)-1), retry.WithCappedDuration(maxTableWait, retry.WithJitterPercent(25, retry.NewExponential(first))))
	file, err := retry.DoValue(ctx, wait, func(ctx context.Context) (lake.File, error) {
		tally.Of(ctx).Restart()
		file, err := t.write(ctx, l, p, progress)
		if t.attempts > 0 && fault.ClassOf(err) == fault.Temporary && ctx.Err() == nil {
			return file, retry.RetryableError(err)
		}
		return file, err
	})
	if t.attempts > 0 && fault.ClassOf(err) == fault.Temporary && ctx.Err() == nil {
		err = fault.New(fault.Unavailable, fault.HintOf(err), err) // all attempts are used up
	}
	return file, err
}
