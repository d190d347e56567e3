package load

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// ownerTable says which date each row comes from that is replaced by id.
const ownerTable = "load_owner"

// narrowOwners keeps the rows of ids that no newer loaded date tells of, and writes into ownName who owns each id that the
// load touches. An id that the date told of when it was loaded before, and tells of no more, goes back to the newest older
// date that does, or has no owner and goes.
func (l *loader) narrowOwners(ctx context.Context, t *tableLoad) error {
	table, stage, own := t.table, quote(stageName(t.table.Name)), quote(ownName(t.table.Name))
	date := t.lake.Date.String()
	key := quote(table.Owner)
	for _, s := range []struct {
		query string
		args  []any
	}{
		{fmt.Sprintf("CREATE %s %s (row_key VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY, dt DATE NULL) ENGINE=InnoDB", l.kind(), own), nil},
		{fmt.Sprintf("DELETE s FROM %s s JOIN %s n ON n.table_name = ? AND n.row_key = s.%s WHERE n.dt > ?", stage, ownerTable, key), []any{table.Name, date}},
		{fmt.Sprintf("INSERT INTO %s (row_key, dt) SELECT s.%s, ? FROM %s s", own, key, stage), []any{date}},
		// What is still there under this date's name was not told of again.
		{fmt.Sprintf("INSERT IGNORE INTO %s (row_key, dt) SELECT n.row_key, NULL FROM %s n WHERE n.table_name = ? AND n.dt = ?", own, ownerTable), []any{table.Name, date}},
	} {
		if err := l.exec(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	for _, r := range slices.Backward(l.known[table.Name]) {
		if !r.date.Before(t.lake.Date) {
			continue
		}
		born, err := l.orphaned(ctx, t)
		if err != nil || !born.Valid || !r.date.Time().After(born.Time) {
			return t.scoped(own, err)
		}
		where := fmt.Sprintf("EXISTS (SELECT 1 FROM %s w WHERE w.row_key = o.%s AND w.dt IS NULL)", own, key)
		if err := l.refill(ctx, t, r, where, func() error {
			return l.exec(ctx, fmt.Sprintf("UPDATE %s w JOIN %s o ON o.%s = w.row_key SET w.dt = ? WHERE w.dt IS NULL", own, quote(otherName(table.Name)), key), r.date.String())
		}); err != nil {
			return err
		}
	}
	return t.scoped(own, nil)
}

// scoped limits the load to the rows of the ids in own.
func (t *tableLoad) scoped(own string, err error) error {
	t.scope = fmt.Sprintf("EXISTS (SELECT 1 FROM %s w WHERE w.row_key = t.%s)", own, quote(t.table.Owner))
	return err
}

// orphaned returns when the first of the live rows without an owner came to be; it is not valid where there is none. Snapshots of
// earlier dates cannot tell of it.
func (l *loader) orphaned(ctx context.Context, t *tableLoad) (born sql.NullTime, err error) {
	err = l.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT MIN(t.%s) FROM %s w JOIN %s t ON t.%s = w.row_key WHERE w.dt IS NULL",
		quote(t.table.Born), quote(ownName(t.table.Name)), quote(t.table.Name), quote(t.table.Owner))).Scan(&born)
	return born, err
}

// narrowOwned keeps the rows of the ids that the date owns, and adds those of the ids that went back to older dates.
func (l *loader) narrowOwned(ctx context.Context, t *tableLoad) error {
	table, own := t.table, quote(ownName(t.table.OwnedBy))
	owned := func(alias string, d lake.Date) string {
		return fmt.Sprintf("EXISTS (SELECT 1 FROM %s w WHERE w.row_key = %s.%s AND w.dt = '%s')", own, alias, quote(table.Owner), d)
	}
	if err := l.exec(ctx, fmt.Sprintf("DELETE s FROM %s s WHERE NOT %s", quote(stageName(table.Name)), owned("s", t.lake.Date))); err != nil {
		return err
	}
	dates, err := l.owners(ctx, own)
	if err != nil {
		return err
	}
	for _, d := range dates {
		r, found := l.known.at(table.Name, d)
		if d == t.lake.Date || !found {
			continue
		}
		if err := l.refill(ctx, t, r, owned("o", d), nil); err != nil {
			return err
		}
	}
	return t.scoped(own, nil)
}

// owners returns the dates that own an id which the load touches.
func (l *loader) owners(ctx context.Context, own string) ([]lake.Date, error) {
	rows, err := l.conn.QueryContext(ctx, "SELECT DISTINCT dt FROM "+own+" WHERE dt IS NOT NULL")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var dates []lake.Date
	for rows.Next() {
		var dt time.Time
		if err := rows.Scan(&dt); err != nil {
			return nil, err
		}
		dates = append(dates, lake.DateOf(dt))
	}
	return dates, rows.Err()
}

// own writes down whose the rows are, inside the transaction that puts them.
func (l *loader) own(ctx context.Context, t *tableLoad) error {
	if t.table.Owner == "" || t.table.OwnedBy != "" {
		return nil
	}
	own := quote(ownName(t.table.Name))
	if err := l.exec(ctx, fmt.Sprintf("INSERT INTO %s (table_name, row_key, dt) SELECT ?, w.row_key, w.dt FROM %s w WHERE w.dt IS NOT NULL ON DUPLICATE KEY UPDATE dt = w.dt",
		ownerTable, own), t.table.Name); err != nil {
		return err
	}
	return l.exec(ctx, fmt.Sprintf("DELETE n FROM %s w JOIN %s n ON n.table_name = ? AND n.row_key = w.row_key WHERE w.dt IS NULL", own, ownerTable), t.table.Name)
}
