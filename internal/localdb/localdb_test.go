package localdb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// server is what both kinds can do.
type server interface {
	DSN(db string) string
	PID() int
	Dir() string
	Version() string
	Kill() error
	Restart(context.Context) error
	Stop() error
}

var kinds = []struct {
	name, driver string
	start        func(context.Context, localdb.Options) (server, error)
	attach       func(context.Context, string) (server, error)
}{
	{
		"mysql", "mysql",
		func(ctx context.Context, o localdb.Options) (server, error) { return localdb.StartMySQL(ctx, o) },
		func(ctx context.Context, dir string) (server, error) { return localdb.AttachMySQL(ctx, dir) },
	},
	{
		"postgres", "pgx",
		func(ctx context.Context, o localdb.Options) (server, error) { return localdb.StartPostgres(ctx, o) },
		func(ctx context.Context, dir string) (server, error) { return localdb.AttachPostgres(ctx, dir) },
	},
}

// number asks the server for one number.
func number(t *testing.T, driver, dsn, query string) int {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func run(t *testing.T, driver, dsn string, statements ...string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// A detached server outlives its handle, survives a crash with its data, and is alone on its directory.
func TestDetached(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), strings.Repeat("long", 20), "it's "+k.name)
			s, err := k.start(t.Context(), localdb.Options{Dir: dir, Detach: true})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Stop()
			run(t, k.driver, s.DSN(""), "CREATE DATABASE kept")
			run(t, k.driver, s.DSN("kept"), "CREATE TABLE t (n INT)", "INSERT INTO t VALUES (7)")

			if _, err := k.start(t.Context(), localdb.Options{Dir: dir}); !errors.Is(err, child.ErrBusy) {
				t.Errorf("a second server on the directory: %v", err)
			}
			found, err := k.attach(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if found.PID() != s.PID() || found.DSN("x") != s.DSN("x") || found.Version() != s.Version() || s.Version() == "" {
				t.Errorf("attached to %d %s, want %d %s", found.PID(), found.Version(), s.PID(), s.Version())
			}
			if err := localdb.Remove(t.Context(), dir); !errors.Is(err, child.ErrBusy) {
				t.Errorf("remove under a running server: %v", err)
			}
			if err := found.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := s.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := number(t, k.driver, s.DSN("kept"), "SELECT n FROM t"); n != 7 {
				t.Errorf("after a crash and a restart n = %d", n)
			}
			if found, err = k.attach(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			if err := found.Stop(); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Kill(s.PID(), 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("the stopped server's process: %v", err)
			}
			if _, err := k.attach(t.Context(), dir); !errors.Is(err, child.ErrNotRunning) {
				t.Errorf("attach to a stopped server: %v", err)
			}
			if err := localdb.Remove(t.Context(), dir); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(s.Dir()); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the directory after Remove: %v", err)
			}
		})
	}
}

// A port that is taken is not shared, and the error shows why.
func TestPortTaken(t *testing.T) {
	a, err := localdb.StartPostgres(t.Context(), localdb.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	if _, err := localdb.StartPostgres(t.Context(), localdb.Options{Fast: true, Port: a.Port()}); err == nil ||
		!strings.Contains(err.Error(), "could not bind") {
		t.Errorf("second server on port %d: %v", a.Port(), err)
	}
	dir := a.Dir()
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary directory after Stop: %v", err)
	}
}

// Nobody gets in without the password, not even as the server's root.
func TestPassword(t *testing.T) {
	s, err := localdb.StartMySQL(t.Context(), localdb.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	for _, user := range []string{"root", "root:", s.User(), s.User() + ":wrong", ""} {
		db, err := sql.Open("mysql", fmt.Sprintf("%s@tcp(%s:%d)/", user, s.Host(), s.Port()))
		if err != nil {
			t.Fatal(err)
		}
		if err := db.PingContext(t.Context()); err == nil || !strings.Contains(err.Error(), "Access denied") {
			t.Errorf("user %q: %v", user, err)
		}
		_ = db.Close()
	}
	if n := number(t, "mysql", s.DSN(""), "SELECT COUNT(*) FROM mysql.user WHERE host NOT IN ('localhost', '127.0.0.1')"); n != 0 {
		t.Errorf("%d users may come from elsewhere", n)
	}
	if n := number(t, "mysql", s.DSN(""), "SELECT @@local_infile"); n != 1 {
		t.Error("LOAD DATA LOCAL is forbidden")
	}
}
