package udw

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
)

const (
	connectTimeout = 30 * time.Second
	patience       = 15 * time.Minute // until the first row, which waits for the sort, and from row to row
)

// warehouse knows how to reach the server. Every table has a connection of its own.
type warehouse struct {
	config *pgconn.Config
	schema string
	now    func() time.Time
	clock  clock.Own

	maxAge   time.Duration // of the copy of Canvas
	patience time.Duration
}

func newWarehouse(cfg *config.Config, env extract.Env) (*warehouse, error) {
	db := cfg.UDW
	dsn := url.URL{Scheme: "postgres", Host: net.JoinHostPort(db.Host, strconv.Itoa(db.Port)), Path: "/" + db.Name}
	dsn.User = url.UserPassword(db.User, db.Password.Reveal())
	if db.SSLMode != "" {
		dsn.RawQuery = url.Values{"sslmode": {db.SSLMode}}.Encode()
	}
	c, err := pgconn.ParseConfig(dsn.String())
	if err != nil {
		return nil, fault.New(fault.Config, "check host, port, dbname and sslmode in UDW", fmt.Errorf("warehouse connection: %w", err))
	}
	c.ConnectTimeout = connectTimeout
	return &warehouse{config: c, schema: db.Schema, now: env.Clock(), clock: env.OwnClock(), maxAge: cfg.Quality.MaxWarehouseAge, patience: patience}, nil
}

// table returns the quoted name of a table.
func (w *warehouse) table(name string) string {
	if w.schema == "" {
		return pgx.Identifier{name}.Sanitize()
	}
	return pgx.Identifier{w.schema, name}.Sanitize()
}

// query yields the rows of a query as they come; scan reads one.
//
// It goes by pgconn's bare simple protocol: pgx' own insists on a server parameter
// (standard_conforming_strings) that servers of Redshift's age do not report.
func query[T any](ctx context.Context, w *warehouse, conn *session, sql string, scan func(*record) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		qctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		idle := time.AfterFunc(w.patience, func() { cancel(errIdle) })
		defer idle.Stop()
		tally.Of(ctx).Request(false)
		results := conn.Exec(qctx, conn.prelude+sql)
		read := record{types: pgtype.NewMap()}
		err := eachRow(results, &read, scan, func(row T) bool {
			idle.Reset(w.patience)
			return yield(row, nil)
		})
		if errors.Is(err, errStopped) {
			cancel(errStopped) // else Close would read on to the end
			_ = results.Close()
			return
		}
		closeErr := results.Close()
		if errors.Is(context.Cause(qctx), errIdle) {
			closeErr = errIdle
		}
		if err == nil && closeErr != nil {
			err = w.judge(ctx, closeErr)
		}
		if err != nil {
			var zero T
			yield(zero, err)
			return
		}
		if read.repaired > 0 {
			tally.Of(ctx).Note("%s of the warehouse held bytes that are no UTF-8, which were replaced by U+FFFD.", quantity.Of(read.repaired, "value"))
		}
	}
}

var (
	errStopped = errors.New("reader stopped") // it wants no more rows
	errIdle    = errors.New("no row came for a long time")
)

// eachRow calls yield for every row of the first result that has columns: the settings before it have none. An error of the
// server is left to results.Close.
func eachRow[T any](results *pgconn.MultiResultReader, read *record, scan func(*record) (T, error), yield func(T) bool) error {
	for results.NextResult() {
		rows := results.ResultReader()
		if read.columns = rows.FieldDescriptions(); len(read.columns) == 0 {
			continue
		}
		for rows.NextRow() {
			read.values = rows.Values()
			row, err := scan(read)
			if err != nil {
				return unreadable(err)
			}
			if !yield(row) {
				return errStopped
			}
		}
		return nil
	}
	return nil
}

// connected runs rows on a connection of its own.
func connected[T any](ctx context.Context, w *warehouse, rows func(*session) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		conn, err := w.connect(ctx)
		if err != nil {
			var zero T
			yield(zero, err)
			return
		}
		defer conn.end(ctx)
		if err := w.checkClock(ctx, conn); err != nil {
			var zero T
			yield(zero, err)
			return
		}
		rows(conn)(yield)
	}
}

// check connects and asks for the age of the data.
func (w *warehouse) check(ctx context.Context) error {
	conn, err := w.connect(ctx)
	if err == nil {
		if err = w.checkClock(ctx, conn); err == nil {
			_, err = w.dataDate(ctx, conn)
		}
		conn.end(ctx)
	}
	if fault.ClassOf(err) == fault.Temporary { // nobody tries again
		err = fault.New(fault.Unavailable, fault.HintOf(err), err)
	}
	return err
}
