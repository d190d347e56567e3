package load

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// refill adds to t's staging table, of what was loaded from another date, the rows that where accepts; it
// knows them as o. Meanwhile, if not nil, is called while all rows of that date stand in otherName.
func (l *loader) refill(ctx context.Context, t *tableLoad, from record, where string, meanwhile func() error) error {
	other, err := l.loaded(ctx, t.table, from)
	if err != nil {
		return fmt.Errorf("rows of %s: %w", from.date, err)
	}
	name := otherName(t.table.Name)
	if err := l.stageAs(ctx, other, name); err != nil {
		return fmt.Errorf("rows of %s: %w", from.date, err)
	}
	columns := names(t.table.Columns)
	if err := l.exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s o WHERE %s",
		quote(stageName(t.table.Name)), list(columns, ""), list(columns, "o."), quote(name), where)); err != nil {
		return fmt.Errorf("rows of %s: %w", from.date, err)
	}
	if meanwhile != nil {
		if err := meanwhile(); err != nil {
			return err
		}
	}
	return l.exec(ctx, "DROP "+l.kind()+" "+quote(name))
}

// loaded returns the snapshot that a record names.
func (l *loader) loaded(ctx context.Context, table Table, r record) (*tableLoad, error) {
	s, err := l.lake.Manifest(ctx, r.path)
	if err != nil {
		return nil, err
	}
	if s.SHA256 != r.sha256 {
		return nil, fault.New(fault.Data, "load that date again first", fmt.Errorf("manifest %s is not the one that was loaded", r.path))
	}
	t := &tableLoad{snapshot: snapshot{table, s}, result: TableLoad{Name: table.Name, Manifest: s.Path, Rows: s.Rows()}}
	return t, l.fetch(ctx, t)
}
