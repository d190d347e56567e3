package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// keyTable remembers the keys of tables that are being filled, until they are back.
const keyTable = "load_key"

// DefaultBulkRows is the number of rows from which on an empty table is filled without its secondary keys, where nothing else is planned.
const DefaultBulkRows = 200_000

const (
	alterWait  = 3 * time.Second // for readers of the table
	alterTries = 60
)

// Keys as SHOW CREATE TABLE prints them, a line each, and as ALTER TABLE … ADD takes them.
var (
	indexPattern     = regexp.MustCompile("^  (KEY `((?:[^`]|``)+)` .*?),?$")
	referencePattern = regexp.MustCompile("^  (CONSTRAINT `((?:[^`]|``)+)` FOREIGN KEY \\(`((?:[^`]|``)+)`\\) REFERENCES .*?),?$")
)

// keys are the definitions of a table's keys that can be put back, by name.
type keys struct {
	indexes, references map[string]string
	columns             []string // that references begin at
}

// keysOf reads which keys a table has. The primary and the unique ones stay out of it: they hold rows apart.
func keysOf(ctx context.Context, conn *sql.Conn, table string) (keys, error) {
	k := keys{indexes: map[string]string{}, references: map[string]string{}}
	var name, ddl string
	if err := conn.QueryRowContext(ctx, "SHOW CREATE TABLE "+quote(table)).Scan(&name, &ddl); err != nil {
		return k, fmt.Errorf("keys of %s: %w", table, err)
	}
	for line := range strings.Lines(ddl) {
		line = strings.TrimRight(line, "\n")
		if m := indexPattern.FindStringSubmatch(line); m != nil {
			k.indexes[m[2]] = m[1]
		}
		if m := referencePattern.FindStringSubmatch(line); m != nil {
			k.references[m[2]] = m[1]
			k.columns = append(k.columns, m[3])
		}
	}
	return k, nil
}

// dropKeys takes the secondary keys and the references to parents from an empty table that gets many rows, because adding them
// afterwards takes half of the time. What it takes stands in keyTable before, so that whatever ends this load, it or the next puts it back.
func (l *loader) dropKeys(ctx context.Context, t *tableLoad) error {
	if t.way != fill || t.result.Rows < l.BulkRows {
		return nil
	}
	name := t.table.Name
	k, err := keysOf(ctx, l.conn, name)
	if err != nil {
		return err
	}
	for _, c := range k.columns {
		// A reference that this program does not know, it could not check.
		if !slices.ContainsFunc(t.table.Parents, func(p Parent) bool { return p.Column == c }) {
			return nil
		}
	}
	var drops []string
	for _, key := range slices.Sorted(maps.Keys(k.references)) {
		drops = append(drops, "DROP FOREIGN KEY `"+key+"`")
	}
	for _, key := range slices.Sorted(maps.Keys(k.indexes)) {
		drops = append(drops, "DROP KEY `"+key+"`")
	}
	if len(drops) == 0 {
		return nil
	}
	for _, defs := range []map[string]string{k.indexes, k.references} {
		for key, definition := range defs {
			if err := l.exec(ctx, "REPLACE INTO "+keyTable+" (table_name, key_name, definition) VALUES (?, ?, ?)", name, key, definition); err != nil {
				return fmt.Errorf("remember keys of %s: %w", name, err)
			}
		}
	}
	if err := alter(ctx, l.conn, name, strings.Join(drops, ", "), 1); err != nil {
		if mysqldb.RolledBack(err) {
			l.Log.InfoContext(ctx, "somebody reads the empty table, so it keeps its keys while it is filled, which takes longer", "table", name)
			return nil
		}
		return fmt.Errorf("take keys from %s: %w", name, err)
	}
	t.bulk = true
	l.Log.DebugContext(ctx, "keys taken", "table", name)
	return nil
}

// alter changes a table. A long query of somebody else makes that wait, and whoever comes later waits behind it, so it gives
// up soon and lets them pass before the next try.
func alter(ctx context.Context, conn *sql.Conn, table, what string, tries uint64) error {
	exec := func(ctx context.Context, query string) error {
		_, err := conn.ExecContext(ctx, query)
		return err
	}
	if err := exec(ctx, fmt.Sprintf("SET SESSION lock_wait_timeout = %d", alterWait/time.Second)); err != nil {
		return err
	}
	err := retry.Do(ctx, retry.WithMaxRetries(tries-1, retry.NewConstant(alterWait)), func(ctx context.Context) error {
		err := exec(ctx, "ALTER TABLE "+quote(table)+" "+what)
		if mysqldb.RolledBack(err) {
			return retry.RetryableError(err)
		}
		return err
	})
	return errors.Join(err, execAnyway(ctx, conn, "SET SESSION lock_wait_timeout = "+parameters["lock_wait_timeout"]))
}
