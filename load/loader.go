package load

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// loader is one run. Everything but migrations happens on conn, which holds the lock.
type loader struct {
	Plan
	lake *lake.Lake
	dir  string // for local copies of the files of a lake that is not on disk

	pool    *sql.DB
	conn    *sql.Conn
	noLocal bool    // LOAD DATA LOCAL was refused
	known   records // what the tables held before the job and date under way
	future  future  // what else they hold, which does not count

	unconverted   bool // a dry run before the columns were changed
	inTransaction bool
}

func (l *loader) run(ctx context.Context, db config.Database, work []jobSnapshots) (result Result, err error) {
	l.conn, err = session(ctx, l.pool)
	if err != nil {
		return result, err
	}
	defer func() { _ = l.conn.Close() }()
	if err := l.warnPlain(ctx, db); err != nil {
		return result, err
	}
	if l.DryRun {
		if result.Migrations, err = l.rehearse(ctx); err != nil {
			return result, err
		}
	} else {
		if err := l.lock(ctx); err != nil {
			return result, err
		}
		// What lies between must not take the connection that holds the lock for an idle one.
		if err := mysqldb.KeepAwake(ctx, l.conn, func() error { return migrations.Up(ctx, l.pool, l.Wait, l.Log) }); err != nil {
			return result, err
		}
		if err := l.dropLeftovers(ctx); err != nil {
			return result, err
		}
		if err := l.restoreKeys(ctx); err != nil {
			return result, err
		}
	}
	if err := l.withdraw(ctx); err != nil {
		return result, err
	}
	for _, w := range work {
		done, err := l.loadJob(ctx, w)
		if err != nil {
			return result, fmt.Errorf("load %s of %s: %w", w.job.Name, w.date, err)
		}
		result.Loads = append(result.Loads, done)
	}
	return result, nil
}
