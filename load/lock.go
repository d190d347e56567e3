package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// lockName is the server-wide name of the lock; MySQL allows 64 characters.
const lockName = "CONCAT('course-inventory load ', LEFT(SHA2(DATABASE(), 256), 16))"

// lockGrace is waited for the lock in any case: the server may still be busy with the last statement of a
// killed load, and notices only afterwards that nobody is there to hear the answer.
const lockGrace = 5 * time.Second

// lock takes the lock that the server keeps for as long as l.conn lives: a load whose connection broke
// can neither keep others out nor commit.
func (l *loader) lock(ctx context.Context) error {
	got, err := mysqldb.TakeLock(ctx, l.conn, lockName, nil, 0)
	if err == nil && !got {
		wait := max(l.Wait, lockGrace)
		l.Log.InfoContext(ctx, "waiting for another load to end", "at_most_seconds", round(wait))
		got, err = mysqldb.TakeLock(ctx, l.conn, lockName, nil, wait)
	}
	if err != nil {
		return fmt.Errorf("lock for load: %w", err)
	}
	if !got {
		return fault.New(fault.Temporary, "run the same command again when it has ended, or give --wait",
			errors.New("another load into this database is under way"))
	}
	return nil
}

// checkLock makes sure that the lock is still ours.
func (l *loader) checkLock(ctx context.Context) error {
	var ours sql.NullBool
	if err := l.conn.QueryRowContext(ctx, "SELECT IS_USED_LOCK("+lockName+") = CONNECTION_ID()").Scan(&ours); err != nil {
		return fmt.Errorf("look at the load's lock: %w", err)
	}
	if !ours.Bool {
		return fault.New(fault.Temporary, "run the same command again", errors.New("the load's lock was lost; the old data is in place"))
	}
	return nil
}
