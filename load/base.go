package load

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// sorted tells whether the snapshot says that its rows are in the order of the table's key.
func (t *tableLoad) sorted() bool { return slices.Equal(t.lake.Key, t.table.Key) }

// findBase looks in the lake for the snapshot that the table's record names. Where it is not to be had, the
// error says why, and rows have to be compared in the database.
func (l *loader) findBase(ctx context.Context, t *tableLoad, r record) error {
	s, err := l.lake.Manifest(ctx, r.path)
	switch {
	case errors.Is(err, ctx.Err()) && err != nil:
		return err
	case err != nil:
		return fmt.Errorf("the snapshot that was loaded last is not in the lake any more: %w", err)
	case s.SHA256 != r.sha256:
		return fmt.Errorf("manifest %s is not the one that was loaded", r.path)
	}
	base := &tableLoad{snapshot: snapshot{t.table, s}}
	if !base.sorted() || !t.sorted() {
		return errors.New("the snapshots are not sorted by the table's key")
	}
	if err := l.fetch(ctx, base); err != nil {
		return fmt.Errorf("the snapshot that was loaded last cannot be read: %w", err)
	}
	t.base = base
	return nil
}

// fetch makes the files of a snapshot local and checks their columns.
func (l *loader) fetch(ctx context.Context, t *tableLoad) (err error) {
	t.files, err = rows.Local(ctx, l.lake, t.lake.Manifest, t.table.Columns, l.dir)
	return err
}
