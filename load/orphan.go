package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// orphanError reports that a stream held a row whose parent is missing.
type orphanError struct {
	table  *tableLoad
	reason string
}

func (e *orphanError) Error() string { return e.reason }

// orphan names a row of a table, the change table or the live one, whose parent is missing, or returns cause.
func (l *loader) orphan(ctx context.Context, t *tableLoad, in, where string, cause error) error {
	table := t.table
	for _, p := range table.Parents {
		var key, value string
		err := l.conn.QueryRowContext(ctx, fmt.Sprintf(
			"SELECT CONCAT_WS(', ', %s), p.%s FROM %s p LEFT JOIN %s r ON r.%s = p.%s WHERE r.%s IS NULL AND p.%s IS NOT NULL AND %s LIMIT 1",
			list(table.Key, "p."), quote(p.Column), quote(in), quote(p.Table), quote(keyOf(p.Table)), quote(p.Column),
			quote(keyOf(p.Table)), quote(p.Column), where)).Scan(&key, &value)
		switch {
		case err == nil:
			return fault.New(fault.Data, "make the date again, or load all tables of the job together; nothing was loaded",
				fmt.Errorf("row %s refers by %s to %s %s, which is not there", key, p.Column, p.Table, value))
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("look for rows without a parent: %w", err)
		}
	}
	return cause
}
