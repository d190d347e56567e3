package load

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// verify makes sure, inside the transaction, that the table has exactly the number of rows that the load
// makes of those it found, which is the snapshot's where that replaces the whole table.
func (l *loader) verify(ctx context.Context, t *tableLoad) error {
	live, err := l.count(ctx, t.table.Name)
	if err != nil {
		return fmt.Errorf("count rows of %s: %w", t.table.Name, err)
	}
	r := t.result
	want := r.Before + r.Inserted - r.Deleted
	if t.way == keep {
		want = r.Rows
	}
	if live != want {
		return fault.New(fault.Temporary, "let no other program write to the inventory's tables, then run the same command again; nothing was loaded",
			fmt.Errorf("table %s would have %d rows, the load makes it %d: somebody changed it during the load", t.table.Name, live, want))
	}
	return nil
}

func (l *loader) exists(ctx context.Context, table string) (bool, error) {
	var n int
	err := l.conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", table).Scan(&n)
	return n > 0, err
}

// count returns the number of live rows; a table that does not exist yet has none.
func (l *loader) count(ctx context.Context, table string) (int64, error) {
	there, err := l.exists(ctx, table)
	if err != nil || !there {
		return 0, err
	}
	var n int64
	err = l.conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+quote(table)).Scan(&n)
	return n, err
}
