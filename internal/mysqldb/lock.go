package mysqldb

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// quiet is the longest time in which nothing is sent on a connection that waits. What lies between may
// cut connections on which nothing happens for longer than its own limit.
const quiet = time.Second

// TakeLock takes a lock that the server keeps for as long as conn lives, and waits for it. The name is an SQL
// expression with args. It returns false where another connection held the lock all the time.
func TakeLock(ctx context.Context, conn *sql.Conn, name string, args []any, wait time.Duration) (bool, error) {
	for left := wait; ; left -= quiet {
		step := min(max(left, 0), quiet)
		var got sql.NullInt64
		asked := append(args[:len(args):len(args)], int64((step+time.Second-1)/time.Second))
		if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK("+name+", ?)", asked...).Scan(&got); err != nil {
			return false, err
		}
		if !got.Valid {
			return false, fault.New(fault.Unavailable, "look into the log of the MySQL server, then run the same command again",
				errors.New("the server grants no lock"))
		}
		if got.Int64 == 1 || left <= quiet {
			return got.Int64 == 1, nil
		}
	}
}

// KeepAwake calls f, which must not use conn, and sends something on conn now and then until f returns.
func KeepAwake(ctx context.Context, conn *sql.Conn, f func() error) error {
	done := make(chan struct{})
	var awake sync.WaitGroup
	awake.Go(func() {
		for tick := time.NewTicker(quiet); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				_ = conn.PingContext(ctx) // whoever uses conn next learns that it broke
			}
		}
	})
	defer func() {
		close(done)
		awake.Wait()
	}()
	return f()
}
