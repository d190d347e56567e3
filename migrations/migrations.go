// Package migrations brings the inventory's database to the schema that this program writes.
//
// The numbered SQL files are the schema's history. They start from an empty database as well as from one
// that the original program filled, which they adopt in place. DDL commits by itself, so every file can be run again
// after an interruption: it repeats what is harmless to repeat and looks before it does what is not.
package migrations

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3/database"
)

//go:embed *.sql
var files embed.FS

// tableName is goose's own record of what was applied.
const tableName = "goose_db_version"

// Up applies what is missing, one file after the other, and logs each statement. Before the first change,
// it refuses what [Examine] finds, also where nothing is missing. Two calls at the same time do not
// mix: the second waits for the first. Where others read a table, it waits for them, in short steps, for
// as long as wait, at least a minute. An error leaves what was applied so far; the next call goes on from there.
func Up(ctx context.Context, db *sql.DB, wait time.Duration, log *slog.Logger) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	r := &runner{conn: conn, wait: max(wait, minWait), log: log}
	pending, err := r.pending(ctx)
	if err == nil && len(pending) == 0 {
		return errors.Join(r.examine(ctx), conn.Close())
	}
	defer func() { err = errors.Join(err, r.discard()) }()
	if err != nil {
		return err
	}
	release, err := r.acquire(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := r.examine(ctx); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, fmt.Sprintf(settings, lockWait/time.Second)); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	// Another program may have applied some since.
	if pending, err = r.pending(ctx); err != nil {
		return err
	}
	store, err := r.store(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	for _, m := range pending {
		if err := r.apply(ctx, store, m); err != nil {
			return fmt.Errorf("migration %s: %w", m.Name, err)
		}
	}
	return nil
}

// pending returns what is missing, and warns of what this version does not know.
func (r *runner) pending(ctx context.Context) (missing []Migration, err error) {
	all, err := List(ctx, r.conn)
	for _, m := range all {
		switch {
		case m.Name == "":
			r.log.WarnContext(ctx, "a newer version of this program migrated the database: use that one", "migration", m.Version)
		case !m.Applied:
			missing = append(missing, m)
		}
	}
	return missing, err
}

// examine refuses what forbids migrations and loads, and warns of the rest.
func (r *runner) examine(ctx context.Context) error {
	findings, err := Examine(ctx, r.conn)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if !f.Forbids() {
			r.log.WarnContext(ctx, "the schema is not as expected", "detail", f.Problem, "remedy", f.Remedy)
		}
	}
	return Refusal(findings)
}

// store makes goose's own record where it is missing. A killed process may have left it without its first row.
func (r *runner) store(ctx context.Context) (database.Store, error) {
	store, err := database.NewStore(database.DialectMySQL, tableName)
	if err != nil {
		return nil, err
	}
	there, err := recorded(ctx, r.conn)
	if err != nil {
		return nil, err
	}
	if !there {
		if err := store.CreateVersionTable(ctx, r.conn); err != nil {
			return nil, err
		}
	}
	var rows int
	if err := r.conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+tableName).Scan(&rows); err != nil || rows > 0 {
		return store, err
	}
	return store, store.Insert(ctx, r.conn, database.InsertRequest{Version: 0})
}

// discard closes the connection for good: its session has settings that no other user of the pool expects.
func (r *runner) discard() error {
	err := r.conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// Pending returns the names of the files that [Up] would apply. It changes nothing.
func Pending(ctx context.Context, db querier) ([]string, error) {
	all, err := List(ctx, db)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range all {
		if !m.Applied {
			names = append(names, m.Name)
		}
	}
	return names, nil
}
