package load

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// verify makes sure, inside the transaction, that the table has exactly the snapshot's number of rows.
func (l *loader) verify(ctx context.Context, t *tableLoad) error {
	live, err := l.count(ctx, t.table.Name)
	if err != nil {
		return fmt.Errorf("count rows of %s: %w", t.table.Name, err)
	}
	if live != t.result.Rows {
		return fault.New(fault.Temporary, "let no other program write to the inventory's tables, then run the same command again; nothing was loaded",
			fmt.Errorf("table %s would have %d rows, its snapshot has %d: somebody changed it during the load", t.table.Name, live, t.result.Rows))
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
