package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3/database"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

const (
	// lockWait is how long a statement may wait for readers of its table. Whoever reads the table
	// later waits behind it, so it gives up soon and lets them pass before the next try.
	lockWait = 2 * time.Second

	// minWait is waited for readers in any case, tries and pauses together.
	minWait = time.Minute

	firstPause = time.Second
	longPause  = 15 * time.Second
)

// runner applies migrations on one connection, which holds their lock.
type runner struct {
	conn *sql.Conn
	wait time.Duration
	log  *slog.Logger
}

// settings of the session. Dates that the original let be zero stay so: NO_ZERO_DATE would refuse to copy them.
const settings = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', wait_timeout = 86400, lock_wait_timeout = %d"

// apply applies a file and records it. A file with data changes is one transaction with its record.
func (r *runner) apply(ctx context.Context, store database.Store, m Migration) (err error) {
	data, err := files.ReadFile(m.Name)
	if err != nil {
		return err
	}
	began := time.Now()
	r.log.InfoContext(ctx, "migration started", "file", m.Name)
	script := string(data)
	whole := !strings.Contains(script, "-- +goose NO TRANSACTION")
	if whole {
		if _, err := r.conn.ExecContext(ctx, "START TRANSACTION"); err != nil {
			return err
		}
		defer func() {
			if err == nil {
				_, err = r.conn.ExecContext(ctx, "COMMIT")
			}
		}()
	}
	for _, s := range statements(script) {
		if err := r.execute(ctx, s); err != nil {
			return err
		}
	}
	if err := store.Insert(ctx, r.conn, database.InsertRequest{Version: m.Version}); err != nil {
		return err
	}
	r.log.InfoContext(ctx, "migration applied", "file", m.Name, "seconds", time.Since(began).Round(time.Millisecond).Seconds())
	return nil
}

// statements splits a file, whose statements end at the end of a line.
func statements(script string) (all []string) {
	for s := range strings.SplitSeq(script, ";\n") {
		var lines []string
		for line := range strings.Lines(s) {
			if !strings.HasPrefix(line, "--") {
				lines = append(lines, line)
			}
		}
		if s := strings.TrimSpace(strings.Join(lines, "")); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// execute executes one statement and logs it if it works on a table of users.
func (r *runner) execute(ctx context.Context, statement string) error {
	shown := statement
	if statement == "EXECUTE s" {
		if err := r.conn.QueryRowContext(ctx, "SELECT @s").Scan(&shown); err != nil {
			return err
		}
	}
	if !working(shown) {
		return r.patiently(ctx, statement, statement)
	}
	shown = shorten(shown)
	began := time.Now()
	r.log.InfoContext(ctx, "statement started", "statement", shown)
	if err := r.patiently(ctx, statement, shown); err != nil {
		return fmt.Errorf("%s: %w", shown, err)
	}
	r.log.InfoContext(ctx, "statement finished", "statement", shown, "seconds", time.Since(began).Round(time.Millisecond).Seconds())
	return nil
}

// working tells whether a statement changes tables rather than prepares for it.
func working(statement string) bool {
	verb, rest, _ := strings.Cut(statement, " ")
	switch verb {
	case "ALTER", "UPDATE", "DELETE":
		return true
	case "CREATE":
		return !strings.HasPrefix(rest, "TEMPORARY")
	}
	return false
}

// shorten returns the beginning of a statement, on one line.
func shorten(statement string) string {
	const most = 60
	text := []rune(strings.Join(strings.Fields(statement), " "))
	if len(text) <= most {
		return string(text)
	}
	return string(text[:most]) + "…"
}

// patiently executes a statement, again and again while others read its table, for as long as r.wait.
func (r *runner) patiently(ctx context.Context, statement, shown string) error {
	var waited time.Duration
	pause := firstPause
	for {
		began := time.Now()
		_, err := r.conn.ExecContext(ctx, statement)
		switch number := mysqldb.Number(err); {
		case number == mysqldb.LockWait, number == mysqldb.BusyView:
		case slices.Contains(mysqldb.KeyInTheWay, number):
			return fault.New(fault.Config, "drop the foreign key that the error names, or ask its owner to, then run the same command again: it goes on from there", err)
		default:
			return err
		}
		// Rebuilding the table is work, not waiting.
		waited += min(time.Since(began), lockWait)
		readers := r.readers(ctx)
		if waited >= r.wait {
			return fault.New(fault.Temporary, "run the same command again at a quiet hour, or with a longer --wait: it goes on from there",
				fmt.Errorf("others have been reading the table for %s (%s): %w", waited.Round(time.Second), readers, err))
		}
		r.log.InfoContext(ctx, "waiting for readers of the table", "statement", shown, "readers", readers,
			"waited_seconds", waited.Round(time.Second).Seconds(), "at_most_seconds", r.wait.Seconds())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		waited += pause
		pause = min(2*pause, longPause)
	}
}
