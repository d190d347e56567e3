package load

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// stagingPrefix begins the names of all tables that a load makes for itself.
const stagingPrefix = "_load_"

func stageName(table string) string  { return stagingPrefix + table }
func changeName(table string) string { return stagingPrefix + "change_" + table }
func otherName(table string) string  { return stagingPrefix + "other_" + table }
func ownName(table string) string    { return stagingPrefix + "own_" + table }

// create is the statement that makes a staging table. Those of a dry run are seen by nobody else.
func (l *loader) create(name string, key []string, query string) string {
	return fmt.Sprintf("CREATE %s %s (PRIMARY KEY (%s)) ENGINE=InnoDB AS %s", l.kind(), quote(name), list(key, ""), query)
}

func (l *loader) kind() string {
	if l.DryRun {
		return "TEMPORARY TABLE"
	}
	return "TABLE"
}

// stage fills a staging table with the snapshot's rows.
func (l *loader) stage(ctx context.Context, t *tableLoad) error {
	return l.stageAs(ctx, t, stageName(t.table.Name))
}

// stageAs makes a table with the live table's column types and fills it with the snapshot's rows.
func (l *loader) stageAs(ctx context.Context, t *tableLoad, name string) error {
	query := l.create(name, t.table.Key, fmt.Sprintf("SELECT %s FROM %s WHERE FALSE", list(names(t.table.Columns), ""), quote(t.table.Name)))
	if l.unconverted {
		query = converted(name, t.table)
	}
	if _, err := l.conn.ExecContext(ctx, query); err != nil {
		return fmt.Errorf("make staging table: %w", err)
	}
	return l.sendAll(ctx, t, name)
}

// dropStaging removes the tables of this load; what cannot be removed now, the next load removes.
func (l *loader) dropStaging(ctx context.Context, loads []*tableLoad) {
	var all []string
	for _, t := range loads {
		name := t.table.Name
		switch t.way {
		case merge:
			all = append(all, changeName(name))
		case differ:
			all = append(all, stageName(name), changeName(name), otherName(name), ownName(name))
		}
	}
	if len(all) == 0 {
		return
	}
	// Only on the locked connection: without it another load may be using these names already.
	if err := execAnyway(ctx, l.conn, "DROP "+l.kind()+" IF EXISTS "+list(all, "")); err != nil {
		l.Log.DebugContext(ctx, "staging tables are left for the next load to remove", "error", err)
	}
}

// dropLeftovers removes the staging tables of loads that were killed.
func (l *loader) dropLeftovers(ctx context.Context) error {
	rows, err := l.conn.QueryContext(ctx, `SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND LEFT(table_name, ?) = ?`, len(stagingPrefix), stagingPrefix)
	if err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("look for leftovers: %w", err)
		}
		found = append(found, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	if len(found) == 0 {
		return nil
	}
	l.Log.InfoContext(ctx, "an earlier load was killed: its staging tables are removed", "tables", strings.Join(found, ","))
	if _, err := l.conn.ExecContext(ctx, "DROP TABLE IF EXISTS "+list(found, "")); err != nil {
		return fmt.Errorf("remove leftovers: %w", err)
	}
	return nil
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// list joins names for SQL, each with the table alias before it, if one is given.
func list(names []string, alias string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = alias + quote(n)
	}
	return strings.Join(quoted, ", ")
}
