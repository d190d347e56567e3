package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// DefaultSilence is how long the server may answer nothing at all before it is given up, where nothing else is planned.
const DefaultSilence = 5 * time.Minute

var errSilent = errors.New("the server is silent")

// onPool calls f with connections to the database, and explains its error. No statement has a limit of time, for some take long by right. So that
// a server or network that stalls without breaking the connection does not hold f for ever, another connection asks now and then
// whether anybody is there, and f's context ends where nobody has been for as long as silence.
func onPool(ctx context.Context, db config.Database, silence time.Duration, f func(context.Context, *sql.DB) error) error {
	pool, err := open(db)
	if err != nil {
		return explain(ctx, db, err)
	}
	defer pool.Close()
	// It keeps no connection, because an account may have few.
	watch, err := open(db)
	if err != nil {
		return explain(ctx, db, err)
	}
	defer watch.Close()
	watch.SetMaxIdleConns(0)
	watched, cancel := context.WithCancelCause(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() {
		if listen(watched, watch, silence) != nil {
			cancel(errSilent)
		}
	})
	err = f(watched, pool)
	cancel(nil)
	watcher.Wait()
	if err != nil && ctx.Err() == nil && errors.Is(context.Cause(watched), errSilent) {
		return fault.New(fault.Unavailable,
			fmt.Sprintf("look after the MySQL server at %s and what lies between: it takes connections and does not talk; then run the same command again, which finds out what was done", address(db)),
			fmt.Errorf("%s: MySQL server %s has answered nothing for %s", strings.TrimSuffix(err.Error(), ": "+context.Canceled.Error()), address(db), silence))
	}
	return explain(ctx, db, err)
}

// listen asks for answers until ctx ends, or nothing was heard for too long. A refusal is an answer, too.
func listen(ctx context.Context, pool *sql.DB, silence time.Duration) error {
	heard := time.Now()
	for {
		ask, stop := context.WithTimeout(ctx, silence-time.Since(heard))
		err := pool.PingContext(ask)
		stop()
		var network net.Error
		if ctx.Err() != nil {
			return nil
		}
		if !errors.As(err, &network) || !network.Timeout() {
			heard = time.Now()
		} else if time.Since(heard) >= silence {
			return errSilent
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(silence / 8):
		}
	}
}

// cleanupTime is how long a stopped load may take to clean up. The server may be silent, and does most of it by itself when the connection ends.
const cleanupTime = 5 * time.Second

// cleanup returns a context for what is done even if ctx was cancelled.
func cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx.Err() == nil {
		return ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
}

// execAnyway executes a statement that cleans up, also where ctx was cancelled.
func execAnyway(ctx context.Context, conn *sql.Conn, query string, args ...any) error {
	ctx, stop := cleanup(ctx)
	defer stop()
	_, err := conn.ExecContext(ctx, query, args...)
	return err
}
