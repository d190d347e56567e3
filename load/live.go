package load

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

var (
	errUnknown = errors.New("no record tells the sum of the rows that the table holds")
	errEdited  = errors.New("the table does not hold the rows that were loaded: somebody changed them")
)

// sumLive begins, on a connection of its own, to sum up the live rows of all tables whose record is to be trusted, and returns a
// function that waits for its end. Where the account may have no second connection, that function sums them up on the first.
func (l *loader) sumLive(ctx context.Context, loads []*tableLoad) (wait func() error) {
	g, background := errgroup.WithContext(ctx)
	g.Go(func() error {
		conn, err := session(background, l.pool)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		return sumLiveOn(background, conn, loads)
	})
	return func() error {
		err := mysqldb.KeepAwake(ctx, l.conn, g.Wait)
		if tooMany(err) {
			l.Log.DebugContext(ctx, "live rows are summed up on one connection", "error", err)
			err = sumLiveOn(ctx, l.conn, loads)
		}
		return err
	}
}

func sumLiveOn(ctx context.Context, conn *sql.Conn, loads []*tableLoad) error {
	for _, t := range loads {
		if t.way != merge && (t.way != keep || t.tally == nil) {
			continue
		}
		var live tally
		if err := conn.QueryRowContext(ctx, t.table.sumQuery()).Scan(&live.rows, &live.sum); err != nil {
			return fmt.Errorf("sum up table %s: %w", t.table.Name, err)
		}
		t.live = &live
	}
	return nil
}

// trusts tells whether the live rows are those of the table's record.
func (r records) trusts(t *tableLoad) bool {
	newest, _ := r.newest(t.table.Name)
	return t.live.rows == newest.rows && newest.sum != nil && t.live.sum == *newest.sum
}

// distrust gives up what was gathered by the record, and goes by the live rows instead.
func (l *loader) distrust(ctx context.Context, t *tableLoad) error {
	t.result.Before = t.live.rows
	t.replaced = t.live.rows
	if t.way == keep {
		if err := l.fetch(ctx, t); err != nil {
			return err
		}
	}
	if err := l.dropChanges(ctx, t); err != nil {
		return err
	}
	if t.live.rows == 0 {
		t.way = fill
		t.result.Inserted, t.result.Updated, t.result.Deleted = t.result.Rows, 0, 0
		return nil
	}
	l.logCompared(ctx, t, errEdited)
	t.way = differ
	return l.compare(ctx, t)
}
