// Package localdbtest gives tests real database servers: one of a kind per test program, started by the
// first test that asks, and a fresh database per test. A server that cannot be had fails the test; it never
// skips it.
package localdbtest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
)

var (
	mysql     = newOnce(localdb.StartMySQL)
	postgres  = newOnce(localdb.StartPostgres)
	databases atomic.Int64
)

// Main is the body of TestMain: it runs the tests and stops the servers that they started. A test program
// without it leaves no server behind either, but does not end them gently.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run does what [Main] does, for programs that have more to do before they exit.
func Run(m *testing.M) int {
	code := m.Run()
	if s := mysql.started(); s != nil {
		code = stopped(code, s.Stop())
	}
	if s := postgres.started(); s != nil {
		code = stopped(code, s.Stop())
	}
	return code
}

func stopped(code int, err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "stop server:", err)
		return max(code, 1)
	}
	return code
}

// MySQL returns the test program's MySQL-compatible server. Its commits do not wait for the disk.
func MySQL(tb testing.TB) *localdb.MySQL {
	tb.Helper()
	return mysql.get(tb)
}

// Postgres returns the test program's PostgreSQL server. Its commits do not wait for the disk.
func Postgres(tb testing.TB) *localdb.Postgres {
	tb.Helper()
	return postgres.get(tb)
}

// Database makes an empty database on [MySQL] for this test and returns its data source name for
// github.com/go-sql-driver/mysql. It is dropped at the end of the test.
func Database(tb testing.TB) (dsn string) {
	tb.Helper()
	s := MySQL(tb)
	db, err := sql.Open("mysql", s.DSN(""))
	if err != nil {
		tb.Fatal(err)
	}
	name := databaseName()
	if _, err := db.ExecContext(tb.Context(), "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// The test's own context has ended. The test may have left the server dead, so an error is no fault.
		_, _ = db.ExecContext(context.Background(), "DROP DATABASE "+name)
		_ = db.Close()
	})
	return s.DSN(name)
}

// PostgresDatabase makes an empty database on [Postgres] for this test and returns its connection URL.
// It is dropped, with the connections to it, at the end of the test.
func PostgresDatabase(tb testing.TB) (dsn string) {
	tb.Helper()
	s := Postgres(tb)
	conn, err := pgx.Connect(tb.Context(), s.DSN(""))
	if err != nil {
		tb.Fatal(err)
	}
	name := databaseName()
	if _, err := conn.Exec(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx := context.Background() // as above
		_, _ = conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
		_ = conn.Close(ctx)
	})
	return s.DSN(name)
}

func databaseName() string { return fmt.Sprintf("test_%d", databases.Add(1)) }

// once starts a server the first time it is asked for.
type once[S any] struct {
	mu    sync.Mutex
	start func(context.Context, localdb.Options) (*S, error)
	done  bool
	value *S
	err   error
}

func newOnce[S any](start func(context.Context, localdb.Options) (*S, error)) *once[S] {
	return &once[S]{start: start}
}

func (o *once[S]) get(tb testing.TB) *S {
	tb.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.done {
		// Not the test's context: the server is there for all tests.
		o.value, o.err = o.start(context.Background(), localdb.Options{Fast: true})
		o.done = true
	}
	if o.err != nil {
		tb.Fatalf("%v\n%s", o.err, fault.HintOf(o.err))
	}
	return o.value
}

func (o *once[S]) started() *S {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.value
}
