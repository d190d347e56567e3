package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// lockSeconds is how long a migration waits for another one. Widening large tables takes minutes.
const lockSeconds = 1800

// releaseTime is how long the server may take to release the lock.
const releaseTime = 5 * time.Second

// lockName is the server-wide name of the lock; MySQL allows 64 characters.
const lockName = "CONCAT('course-inventory migrate ', LEFT(SHA2(DATABASE(), 256), 16))"

// acquire waits for a lock that the server keeps for one connection, so that, unlike goose's table lock, it
// cannot outlive a killed process. It is taken here, because goose looks at its own
// table before it takes a lock and stumbles over one that another process is just making.
func acquire(ctx context.Context, db *sql.DB, log *slog.Logger) (release func() error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var got sql.NullInt64
	// The connection idles while another one migrates.
	_, err = conn.ExecContext(ctx, "SET SESSION wait_timeout = 86400")
	for _, wait := range []int{0, lockSeconds} {
		if err != nil || got.Int64 == 1 {
			break
		}
		if wait > 0 {
			log.InfoContext(ctx, "waiting for another program that migrates the database", "at_most_seconds", wait)
		}
		err = conn.QueryRowContext(ctx, "SELECT GET_LOCK("+lockName+", ?)", wait).Scan(&got)
	}
	if err == nil && got.Int64 != 1 {
		err = fault.New(fault.Temporary, "wait for it to end, then run the same command again",
			errors.New("another program has been migrating the database for half an hour"))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock for migrations: %w", err), conn.Close())
	}
	return func() error {
		// The lock must go even if ctx was cancelled: with a word, or, where the server is silent, with the connection.
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer stop()
		_, err := conn.ExecContext(ctx, "DO RELEASE_LOCK("+lockName+")")
		return errors.Join(err, conn.Close())
	}, nil
}
