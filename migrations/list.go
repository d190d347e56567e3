package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/pressly/goose/v3"
)

// querier is a connection, or a pool of them.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Migration is one file, or what the database says was applied.
type Migration struct {
	Name    string // of the file; "" for one that only a newer version of this program has
	Version int64
	Applied bool
	At      time.Time // when it was applied
}

// List returns all migrations in their order, also those that were applied by a newer version of this program. It changes nothing.
func List(ctx context.Context, db querier) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	applied, err := versions(ctx, db)
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	var all []Migration
	for _, name := range names {
		v, err := goose.NumericComponent(name)
		if err != nil {
			return nil, err
		}
		at, done := applied[v]
		all = append(all, Migration{Name: name, Version: v, Applied: done, At: at})
		delete(applied, v)
	}
	for _, v := range slices.Sorted(maps.Keys(applied)) {
		all = append(all, Migration{Version: v, Applied: true, At: applied[v]})
	}
	return all, nil
}

// Adopts reports whether the database was filled by the original program and is to be adopted.
func Adopts(ctx context.Context, db querier) (bool, error) {
	var n int
	err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM information_schema.tables
		WHERE table_schema = DATABASE() AND (LEFT(table_name, 4) = 'yoyo' OR LEFT(table_name, 5) = '_yoyo')`).Scan(&n)
	return n > 0, err
}

// versions returns when each migration was applied, without goose's own version 0.
func versions(ctx context.Context, db querier) (map[int64]time.Time, error) {
	applied := map[int64]time.Time{}
	there, err := recorded(ctx, db)
	if err != nil || !there {
		return applied, err
	}
	rows, err := db.QueryContext(ctx, "SELECT version_id, UNIX_TIMESTAMP(tstamp) FROM "+tableName+" WHERE is_applied AND version_id > 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v int64
		var at float64
		if err := rows.Scan(&v, &at); err != nil {
			return nil, err
		}
		applied[v] = time.Unix(int64(at), 0).UTC()
	}
	return applied, rows.Err()
}

// recorded reports whether goose's own table is there.
func recorded(ctx context.Context, db querier) (there bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", tableName).Scan(&there)
	return there, err
}
