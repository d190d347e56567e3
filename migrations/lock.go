package migrations

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// lockTime is how long a migration waits for another one. Widening large tables takes minutes.
const lockTime = 30 * time.Minute

// releaseTime is how long the server may take to release the lock.
const releaseTime = 5 * time.Second

// lockName is the server-wide name of the lock; MySQL allows 64 characters.
const lockName = "CONCAT('course-inventory migrate ', LEFT(SHA2(DATABASE(), 256), 16))"

// acquire waits for a lock that the server keeps for the connection, so that it cannot outlive a killed process.
func (r *runner) acquire(ctx context.Context) (release func() error, err error) {
	got, err := mysqldb.TakeLock(ctx, r.conn, lockName, nil, 0)
	if err == nil && !got {
		r.log.InfoContext(ctx, "waiting for another program that migrates the database", "at_most_seconds", lockTime.Seconds())
		got, err = mysqldb.TakeLock(ctx, r.conn, lockName, nil, lockTime)
	}
	if err != nil {
		return nil, fmt.Errorf("lock for migrations: %w", err)
	}
	if !got {
		return nil, fault.New(fault.Temporary, "wait for it to end, then run the same command again",
			errors.New("another program has been migrating the database for half an hour"))
	}
	return func() error {
		// The lock must go even if ctx was cancelled: with a word, or, where the server is silent, with the connection.
		ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer stop()
		_, err := r.conn.ExecContext(ctx, "DO RELEASE_LOCK("+lockName+")")
		if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, mysql.ErrInvalidConn) {
			return nil // it went with the connection
		}
		return err
	}, nil
}
