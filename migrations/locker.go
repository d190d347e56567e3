package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// lockSeconds is how long a migration waits for another one. Widening large tables takes minutes.
const lockSeconds = 1800

// lockName is the server-wide name of the lock; MySQL allows 64 characters.
const lockName = "CONCAT('course-inventory migrate ', LEFT(SHA2(DATABASE(), 256), 16))"

// locker holds a lock of the server's for as long as the migrating connection lives. Unlike
// goose's table locks it cannot outlive a killed process.
type locker struct{}

// SessionLock waits for the lock.
func (locker) SessionLock(ctx context.Context, conn *sql.Conn) error {
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK("+lockName+", ?)", lockSeconds).Scan(&got); err != nil {
		return fmt.Errorf("lock for migrations: %w", err)
	}
	if got.Int64 != 1 {
		return errors.New("another program has been migrating the database for half an hour")
	}
	return nil
}

// SessionUnlock releases the lock.
func (locker) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "DO RELEASE_LOCK("+lockName+")")
	return err
}
