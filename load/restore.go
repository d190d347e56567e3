package load

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// restoreKeys puts back the keys that this load or one that was killed took. Two connections share the tables, because the server
// uses one processor for a statement; where there is no second one, the first does it all.
func (l *loader) restoreKeys(ctx context.Context) error {
	waiting, err := l.tablesWithoutKeys(ctx)
	if err != nil {
		return fmt.Errorf("look for keys to put back: %w", err)
	}
	tables := make(chan string, len(waiting))
	for _, t := range waiting {
		tables <- t
	}
	close(tables)
	work := func(conn *sql.Conn) error {
		for table := range tables {
			if err := restoreKeysOf(ctx, conn, table); err != nil {
				return fmt.Errorf("put back keys of %s: %w", table, explainKeys(table, err))
			}
			l.Log.DebugContext(ctx, "keys put back", "table", table)
		}
		return nil
	}
	var second errgroup.Group
	if len(waiting) > 1 {
		second.Go(func() error {
			conn, err := session(ctx, l.pool)
			if err != nil {
				l.Log.DebugContext(ctx, "keys are put back on one connection", "error", err)
				return nil
			}
			defer func() { _ = conn.Close() }()
			return work(conn)
		})
	}
	return errors.Join(work(l.conn), second.Wait())
}

func (l *loader) tablesWithoutKeys(ctx context.Context) ([]string, error) {
	found, err := l.conn.QueryContext(ctx, "SELECT DISTINCT table_name FROM "+keyTable+" ORDER BY table_name")
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var tables []string
	for found.Next() {
		var t string
		if err := found.Scan(&t); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, found.Err()
}

// restoreKeysOf puts back the keys of a table. The rows have been checked, so references need no second look at them. Nobody but the
// connection that holds the table's lock does it: that of a killed load may still be at it.
func restoreKeysOf(ctx context.Context, conn *sql.Conn, table string) (err error) {
	const lock = "CONCAT('course-inventory keys ', LEFT(SHA2(CONCAT(DATABASE(), '.', ?), 256), 16))"
	got, err := mysqldb.TakeLock(ctx, conn, lock, []any{table}, alterTries*alterWait)
	if err != nil {
		return err
	}
	if !got {
		return fault.New(fault.Temporary, "run the same command again when the server has ended that", errors.New("the server still adds them for a load that was killed"))
	}
	// Closing a connection gives it back to the pool.
	defer func() {
		err = cmp.Or(err, execAnyway(ctx, conn, "SET SESSION foreign_key_checks = 1"), execAnyway(ctx, conn, "DO RELEASE_LOCK("+lock+")", table))
	}()
	if _, err := conn.ExecContext(ctx, "SET SESSION foreign_key_checks = 0"); err != nil {
		return err
	}
	missing, err := missingKeys(ctx, conn, table)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if err := alter(ctx, conn, table, "ADD "+strings.Join(missing, ", ADD "), alterTries); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, "DELETE FROM "+keyTable+" WHERE table_name = ?", table)
	return err
}

// missingKeys returns the definitions of the keys that a table lacks, indexes before the references that need them.
func missingKeys(ctx context.Context, conn *sql.Conn, table string) ([]string, error) {
	there, err := keysOf(ctx, conn, table)
	if err != nil {
		return nil, err
	}
	found, err := conn.QueryContext(ctx, "SELECT key_name, definition FROM "+keyTable+" WHERE table_name = ? ORDER BY definition LIKE 'CONSTRAINT%', key_name", table)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var missing []string
	for found.Next() {
		var name, definition string
		if err := found.Scan(&name, &definition); err != nil {
			return nil, err
		}
		if there.indexes[name] == "" && there.references[name] == "" {
			missing = append(missing, definition)
		}
	}
	return missing, found.Err()
}

// explainKeys tells what to do about keys that cannot be put back, because somebody changed the table or what is remembered of it.
func explainKeys(table string, err error) error {
	switch mysqldb.Number(err) {
	case mysqldb.UnknownTable, mysqldb.KeyColumn, mysqldb.Syntax:
		return fault.New(fault.Config, fmt.Sprintf("put back the table or column that the error names, or give up the keys: DELETE FROM %s WHERE table_name = '%s'", keyTable, table), err)
	}
	return err
}
