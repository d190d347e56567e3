package extract

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Earlier is the newest snapshot that a table has of a date before the run's, for tables that take rows over from it
// ([NewRemembering]).
type Earlier[T any] struct {
	Date lake.Date // zero where there is no snapshot
	AsOf time.Time // when its data was current

	rows iter.Seq2[T, error]
}

// Found reports whether there is an earlier snapshot.
func (e Earlier[T]) Found() bool { return !e.Date.IsZero() }

// Rows yields its rows, none where there is no snapshot.
func (e Earlier[T]) Rows() iter.Seq2[T, error] {
	if e.rows == nil {
		return func(func(T, error) bool) {}
	}
	return e.rows
}

// Scan calls f with every row. It reports false where there is no earlier snapshot, or one that cannot be read, such as one with
// other columns: that counts as none, and a note tells so.
func (e Earlier[T]) Scan(ctx context.Context, f func(T)) (bool, error) {
	if !e.Found() {
		return false, nil
	}
	for row, err := range e.rows {
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if err != nil {
			viewOf(ctx).run.log().Warn("an earlier snapshot cannot be used", "snapshot", viewOf(ctx).earlier.Path, "error", err)
			tally.Of(ctx).Note("The snapshot of %s could not be read and was not used.", e.Date)
			return false, nil
		}
		f(row)
	}
	return true, nil
}

// NewRemembering returns a table that may take over rows of its own earlier snapshot instead of asking for them again. It
// counts them with tally's Carry and tells in a note which they are; the manifest then names the snapshot as an input.
func NewRemembering[T any](name string, key []string, rows func(context.Context, Earlier[T]) iter.Seq2[T, error]) Table {
	t := NewTable(name, key, func(ctx context.Context) iter.Seq2[T, error] {
		v := viewOf(ctx)
		if v.earlier.Path == "" {
			return rows(ctx, Earlier[T]{})
		}
		return rows(ctx, Earlier[T]{
			Date: v.earlier.Date, AsOf: v.earlier.SourceAsOf, rows: lake.Rows[T](ctx, v.run.lake, v.earlier.Manifest),
		})
	})
	t.remembers = true
	return t
}

// Before returns the newest snapshot that the lake has of a raw table of the source for a date before that of ctx's run.
func Before[T any](ctx context.Context, table string) (Earlier[T], error) {
	v := viewOf(ctx)
	s, err := v.run.lake.Before(ctx, lake.Raw(v.run.plan.Source.Name, table), v.run.plan.Date)
	if errors.Is(err, lake.ErrNotFound) {
		return Earlier[T]{}, nil
	}
	if err != nil {
		return Earlier[T]{}, err
	}
	return Earlier[T]{Date: s.Date, AsOf: s.SourceAsOf, rows: lake.Rows[T](ctx, v.run.lake, s.Manifest)}, nil
}

// view is what a table's fetch can see of its run and the lake.
type view struct {
	run     *run
	table   *tableRun
	earlier lake.Snapshot // of a table that remembers; without a path if there is none
}

type viewKey struct{}

func viewOf(ctx context.Context) *view {
	v, _ := ctx.Value(viewKey{}).(*view)
	if v == nil {
		panic("extract: a table that looks into the lake is read outside Run")
	}
	return v
}

// look finds the earlier snapshot of a table that remembers and returns a context that shows the lake.
func (t *tableRun) look(ctx context.Context) (context.Context, error) {
	v := &view{run: t.run, table: t}
	if t.remembers {
		s, err := t.run.lake.Before(ctx, t.name, t.run.plan.Date)
		if err != nil && !errors.Is(err, lake.ErrNotFound) {
			return ctx, err
		}
		v.earlier = s
	}
	return context.WithValue(ctx, viewKey{}, v), nil
}

// Reads reports whether the run of ctx reads a table of its source itself.
func Reads(ctx context.Context, table string) bool {
	for _, t := range viewOf(ctx).run.tables {
		if t.Name == table {
			return true
		}
	}
	return false
}

// SameDate yields the rows of the snapshot that the lake has of another raw table of the source, for the date of ctx's run. Where
// there is none, or it was read under a configuration with another digest ([Source]), found is false. The manifest names the snapshot as an input.
func SameDate[T any](ctx context.Context, table string) (rows iter.Seq2[T, error], found bool, err error) {
	v := viewOf(ctx)
	s, err := v.run.lake.Find(ctx, lake.Raw(v.run.plan.Source.Name, table), v.run.plan.Date)
	if errors.Is(err, lake.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if s.Origin != v.run.plan.Source.Resume {
		return nil, false, nil
	}
	v.table.inputs = append(v.table.inputs, s.Input())
	return lake.Rows[T](ctx, v.run.lake, s.Manifest), true, nil
}
