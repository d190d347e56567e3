package extract

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// NewFollowing returns the table whose rows are found by way of another raw table of the same date: rows gets those of
// the newest snapshot of from, of which In names the columns that it needs. The manifest names the snapshot
// as its input. Where the lake has none, the error is [lake.ErrNotFound].
func NewFollowing[In, T any](name string, key []string, from lake.Table, rows func(context.Context, iter.Seq2[In, error]) iter.Seq2[T, error]) Table {
	t := NewTable(name, key, func(ctx context.Context) iter.Seq2[T, error] {
		l, ok := ctx.Value(leadKey{}).(lead)
		if !ok {
			panic("extract: a table that follows another is read outside Run")
		}
		return rows(ctx, lake.Rows[In](ctx, l.lake, l.snapshot.Manifest))
	})
	t.follows = from
	return t
}

// lead is the snapshot that a table follows.
type lead struct {
	lake     *lake.Lake
	snapshot lake.Snapshot
}

type leadKey struct{}

// follow finds the snapshot to follow and returns a context that carries it.
func (t *tableRun) follow(ctx context.Context) (context.Context, error) {
	s, err := t.run.lake.Find(ctx, t.follows, t.run.plan.Date)
	if errors.Is(err, lake.ErrNotFound) {
		source := strings.TrimPrefix(t.follows.Schema(), "raw_")
		err = fault.New(fault.Unavailable, fmt.Sprintf("run extract-%s for this date first: it makes %s", source, t.follows), err)
	}
	if err != nil {
		return ctx, err
	}
	t.inputs, t.scope = []lake.Input{s.Input()}, s.Scope
	return context.WithValue(ctx, leadKey{}, lead{t.run.lake, s}), nil
}

// rehearseFollow says what would be followed. That it is not there yet is no error: a stage before may make it.
func (t *tableRun) rehearseFollow(ctx context.Context) error {
	_, err := t.follow(tally.With(ctx, &t.run.book, t.Name))
	switch {
	case errors.Is(err, lake.ErrNotFound):
		t.tally.Note("needs %s of this date, which the lake does not have yet", t.follows)
	case err != nil:
		return err
	default:
		t.tally.Note("by way of %s", t.inputs[0].Path)
	}
	return nil
}
