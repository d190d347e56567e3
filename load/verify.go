package load

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// verify makes sure, at the beginning of the transaction and before any row is locked, that the table has the rows from
// which its changes were found. That the changes then do exactly what they are to do, [loader.apply] sees to.
func (l *loader) verify(ctx context.Context, t *tableLoad) error {
	live, err := l.count(ctx, t.table.Name)
	if err != nil {
		return fmt.Errorf("count rows of %s: %w", t.table.Name, err)
	}
	if live != t.result.Before {
		return changedMeanwhile(t, fmt.Sprintf("it has %d rows, and had %d before", live, t.result.Before))
	}
	return nil
}

func changedMeanwhile(t *tableLoad, detail string) error {
	return fault.New(fault.Temporary, "let no other program write to the inventory's tables, then run the same command again; nothing was loaded",
		fmt.Errorf("somebody changed table %s during the load: %s", t.table.Name, detail))
}

// apply executes a statement that must affect exactly so many rows of the table.
func (l *loader) apply(ctx context.Context, t *tableLoad, want int64, query string) error {
	res, err := l.conn.ExecContext(ctx, query)
	if err != nil {
		return err
	}
	got, err := res.RowsAffected()
	if err == nil && got != want {
		err = changedMeanwhile(t, fmt.Sprintf("%d rows were to change, %d did", want, got))
	}
	return err
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
