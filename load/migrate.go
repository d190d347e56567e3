package load

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// Schema is what the database's schema is and is to be.
type Schema struct {
	Migrations []migrations.Migration // in their order
	Original   bool                   // the original program filled the database
	Findings   []migrations.Finding   // what the schema has that nobody expects
}

// Pending returns the number of migrations that are missing.
func (s Schema) Pending() int {
	n := 0
	for _, m := range s.Migrations {
		if !m.Applied {
			n++
		}
	}
	return n
}

// ReadSchema asks the database for its migrations, and examines its tables. It changes nothing.
func ReadSchema(ctx context.Context, db config.Database) (s Schema, err error) {
	err = onPool(ctx, db, DefaultSilence, func(ctx context.Context, pool *sql.DB) error {
		if s.Migrations, err = migrations.List(ctx, pool); err == nil {
			s.Original, err = migrations.Adopts(ctx, pool)
		}
		if err == nil {
			s.Findings, err = migrations.Examine(ctx, pool)
		}
		return err
	})
	return s, err
}

// Migrate applies the migrations that are missing, as every load does before it begins. For readers of the
// tables it waits as long as wait, at least a minute.
func Migrate(ctx context.Context, db config.Database, wait time.Duration, log *slog.Logger) error {
	return onPool(ctx, db, DefaultSilence, func(ctx context.Context, pool *sql.DB) error { return migrations.Up(ctx, pool, wait, log) })
}
