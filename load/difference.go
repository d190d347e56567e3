package load

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// difference computes how the staged rows differ from the live ones and, unless in a dry run, keeps that in
// a change table. It locks nothing.
func (l *loader) difference(ctx context.Context, t *tableLoad) error {
	table := t.table
	from := fmt.Sprintf("FROM %s s LEFT JOIN %s t ON %s", quote(stageName(table.Name)), quote(table.Name), on(table.Key, "s", "t"))
	isNew := "t." + quote(table.Key[0]) + " IS NULL"
	op := fmt.Sprintf("IF(%s, %c, %c)", isNew, opInsert, opUpdate)
	put := fmt.Sprintf("SELECT %s, %s AS %s %s WHERE %s", list(names(table.Columns), "s."), op, opColumn, from, strings.Join(append([]string{isNew}, l.differs(table)...), " OR "))

	r := &t.result
	changed := "(" + put + ")"
	if !l.DryRun {
		if err := l.makeChangeTable(ctx, table); err != nil {
			return err
		}
		changed = quote(changeName(table.Name))
		if err := l.exec(ctx, "INSERT INTO "+changed+" "+put); err != nil {
			return fmt.Errorf("compute changes: %w", err)
		}
	}
	var all int64
	count := fmt.Sprintf("SELECT COUNT(*), COALESCE(SUM(%s = %c), 0) FROM %s d", opColumn, opInsert, changed)
	if err := l.conn.QueryRowContext(ctx, count).Scan(&all, &r.Inserted); err != nil {
		return fmt.Errorf("count changes: %w", err)
	}
	r.Updated = all - r.Inserted

	// Keys are unique on both sides, so arithmetic tells how many rows go; a second pass is needed only to learn which.
	r.Deleted = t.replaced - (t.staged - r.Inserted)
	if l.DryRun || r.Deleted == 0 {
		return nil
	}
	res, err := l.conn.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s SELECT %s, %c FROM %s t LEFT JOIN %s s ON %s WHERE s.%s IS NULL AND %s",
		changed, list(names(table.Columns), "t."), opDelete, quote(table.Name), quote(stageName(table.Name)), on(table.Key, "s", "t"), quote(table.Key[0]), t.scope))
	if err != nil {
		return fmt.Errorf("compute deletions: %w", err)
	}
	r.Deleted, err = res.RowsAffected()
	return err
}

// differs returns a condition per column that holds where the staged value is not exactly the live one. Texts are compared
// by their bytes, because a collation takes some that differ in case, accents or trailing spaces for equal.
func (l *loader) differs(t Table) []string {
	var conditions []string
	for _, c := range t.updated() {
		s, live := "s."+quote(c.Name), "t."+quote(c.Name)
		if c.Type == lake.Varchar {
			if l.unconverted {
				live = "CONVERT(" + live + " USING utf8mb4)"
			}
			s, live = "CAST("+s+" AS BINARY)", "CAST("+live+" AS BINARY)"
		}
		conditions = append(conditions, "NOT ("+s+" <=> "+live+")")
	}
	return conditions
}

// updated returns the columns that can change while the row stays: not the key, but for texts, of which the
// database may take two for equal that are not.
func (t Table) updated() []lake.Column {
	return slices.DeleteFunc(slices.Clone(t.Columns), func(c lake.Column) bool {
		return slices.Contains(t.Key, c.Name) && c.Type != lake.Varchar
	})
}

// on returns the condition that joins two aliases by key.
func on(key []string, a, b string) string {
	conditions := make([]string, len(key))
	for i, k := range key {
		conditions[i] = fmt.Sprintf("%s.%s = %s.%s", a, quote(k), b, quote(k))
	}
	return strings.Join(conditions, " AND ")
}
