package load

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// difference computes how the staged rows differ from the live ones and, unless in a dry run, keeps the
// rows to put and the keys to delete. It locks nothing.
func (l *loader) difference(ctx context.Context, t *tableLoad) error {
	table := t.table
	from := fmt.Sprintf("FROM %s s LEFT JOIN %s t ON %s", quote(stageName(table.Name)), quote(table.Name), on(table.Key, "s", "t"))
	isNew := "t." + quote(table.Key[0]) + " IS NULL"
	put := fmt.Sprintf("SELECT %s, %s AS %s %s WHERE %s", list(names(table.Columns), "s."), isNew, newRow, from, strings.Join(append([]string{isNew}, differs(table)...), " OR "))

	r := &t.result
	count := fmt.Sprintf("SELECT COUNT(*), COALESCE(SUM(%s), 0) FROM (%s) d", newRow, put)
	if !l.DryRun {
		name := putName(table.Name)
		empty := fmt.Sprintf("SELECT %s, 0 AS %s FROM %s WHERE FALSE", list(names(table.Columns), ""), newRow, quote(table.Name))
		if _, err := l.conn.ExecContext(ctx, l.create(name, table.Key, empty)); err != nil {
			return fmt.Errorf("make table of changes: %w", err)
		}
		if _, err := l.conn.ExecContext(ctx, "INSERT INTO "+quote(name)+" "+put); err != nil {
			return fmt.Errorf("compute changes: %w", err)
		}
		count = fmt.Sprintf("SELECT COUNT(*), COALESCE(SUM(%s), 0) FROM %s", newRow, quote(name))
	}
	var changed int64
	if err := l.conn.QueryRowContext(ctx, count).Scan(&changed, &r.Inserted); err != nil {
		return fmt.Errorf("count changes: %w", err)
	}
	r.Updated = changed - r.Inserted

	// Keys are unique on both sides, so arithmetic tells how many rows go; a second pass is needed only to learn which.
	r.Deleted = t.replaced - (t.staged - r.Inserted)
	if l.DryRun {
		return nil
	}
	name := deleteName(table.Name)
	empty := fmt.Sprintf("SELECT %s FROM %s WHERE FALSE", list(table.Key, ""), quote(table.Name))
	if _, err := l.conn.ExecContext(ctx, l.create(name, table.Key, empty)); err != nil {
		return fmt.Errorf("make table of deletions: %w", err)
	}
	if r.Deleted == 0 {
		return nil
	}
	res, err := l.conn.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s SELECT %s FROM %s t LEFT JOIN %s s ON %s WHERE s.%s IS NULL AND %s",
		quote(name), list(table.Key, "t."), quote(table.Name), quote(stageName(table.Name)), on(table.Key, "s", "t"), quote(table.Key[0]), t.scope))
	if err != nil {
		return fmt.Errorf("compute deletions: %w", err)
	}
	r.Deleted, err = res.RowsAffected()
	return err
}

// differs returns a condition per column that holds where the staged value is not exactly the live one. Texts are compared
// by their bytes, because a collation takes some that differ in case, accents or trailing spaces for equal.
func differs(t Table) []string {
	var conditions []string
	for _, c := range t.Columns {
		if slices.Contains(t.Key, c.Name) && c.Type != lake.Varchar {
			continue
		}
		s, live := "s."+quote(c.Name), "t."+quote(c.Name)
		if c.Type == lake.Varchar {
			s, live = "CAST("+s+" AS BINARY)", "CAST("+live+" AS BINARY)"
		}
		conditions = append(conditions, "NOT ("+s+" <=> "+live+")")
	}
	return conditions
}

// on returns the condition that joins two aliases by key.
func on(key []string, a, b string) string {
	conditions := make([]string, len(key))
	for i, k := range key {
		conditions[i] = fmt.Sprintf("%s.%s = %s.%s", a, quote(k), b, quote(k))
	}
	return strings.Join(conditions, " AND ")
}
