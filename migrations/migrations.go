// Package migrations brings the inventory's database to the schema that this program writes.
//
// The numbered SQL files are the schema's history. They start from an empty database as well as from one
// that the original program filled, which they adopt in place. DDL commits by itself, so every file can be run again
// after an interruption: it repeats what is harmless to repeat and looks before it does what is not.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed *.sql
var files embed.FS

// tableName is goose's own record of what was applied.
const tableName = "goose_db_version"

// Up applies what is missing, one file after the other, and logs each. Two calls at the same time do not
// mix: the second waits for the first. An error leaves what was applied so far; the next call goes on from there.
// The connections of db must run in strict mode with the time zone +00:00.
func Up(ctx context.Context, db *sql.DB, log *slog.Logger) (err error) {
	all, err := List(ctx, db)
	if err != nil {
		return err
	}
	pending := 0
	for _, m := range all {
		switch {
		case m.Name == "":
			log.WarnContext(ctx, "a newer version of this program migrated the database: use that one", "migration", m.Version)
		case !m.Applied:
			pending++
		}
	}
	if pending == 0 {
		return nil
	}
	release, err := acquire(ctx, db, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := dropUnbegun(ctx, db); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	provider, err := goose.NewProvider(database.DialectMySQL, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithTableName(tableName))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		results = partial.Applied
	}
	for _, r := range results {
		log.InfoContext(ctx, "migration applied", "file", r.Source.Path, "seconds", r.Duration.Round(time.Millisecond).Seconds())
	}
	if partial != nil {
		return fmt.Errorf("migration %s: %w", partial.Failed.Source.Path, partial.Err)
	}
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return nil
}

// Pending returns the names of the files that [Up] would apply. It changes nothing.
func Pending(ctx context.Context, db *sql.DB) ([]string, error) {
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

// dropUnbegun removes goose's own table where a process was killed between making it and writing its first row: goose refuses such a table.
func dropUnbegun(ctx context.Context, db *sql.DB) error {
	there, err := recorded(ctx, db)
	if err != nil || !there {
		return err
	}
	var rows int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+tableName).Scan(&rows); err != nil || rows > 0 {
		return err
	}
	_, err = db.ExecContext(ctx, "DROP TABLE "+tableName)
	return err
}
