package load_test

import (
	"database/sql"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

func portText(port int) string { return strconv.Itoa(port) }

// ownServer starts a server of this test's own, whose commits survive its death, with an empty database.
func ownServer(t *testing.T, opt localdb.Options) (*localdb.MySQL, func() (config.Database, *sql.DB)) {
	t.Helper()
	s, err := localdb.StartMySQL(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	if _, err := openDSN(t, s.DSN("")).Exec("CREATE DATABASE inventory"); err != nil {
		t.Fatal(err)
	}
	return s, func() (config.Database, *sql.DB) {
		return config.Database{Host: s.Host(), Port: s.Port(), Name: "inventory", User: s.User(), Password: config.Secret(s.Password())}, openDSN(t, s.DSN("inventory"))
	}
}

// A server that dies at any moment has the old rows when it is back, or the new ones if it had committed.
func TestServerKilled(t *testing.T) {
	fresh := newSchema(t)
	t.Parallel() // it has a server of its own
	s, connect := ownServer(t, localdb.Options{})
	lk, u := openLake(t), first(200)
	u.commit(t, lk, day1)
	n := u.next()
	n.commit(t, lk, day2)
	run := func(p load.Plan, at string) error {
		log := logged{at: func(message string) {
			if message == at {
				if err := s.Kill(); err != nil {
					t.Error(err)
				}
			}
		}}
		cfg, _ := connect()
		p.Log, p.BulkRows, p.Wait = log.logger(), 1, time.Minute
		_, err := load.Run(t.Context(), lk, cfg, p)
		return err
	}
	kill := func(p load.Plan, at string, want map[string]string) {
		t.Helper()
		checkFault(t, run(p, at), map[bool]fault.Class{true: fault.Temporary, false: fault.Unavailable}[strings.Contains(at, "commit")])
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, db := connect()
		if diff := cmp.Diff(want, tables(t, db)); diff != "" {
			t.Fatalf("the server died at %q (-want +got):\n%s", at, diff)
		}
	}
	heal := func(p load.Plan, want university) {
		t.Helper()
		if err := run(p, ""); err != nil {
			t.Fatal(err)
		}
		_, db := connect()
		if diff := cmp.Diff(want.want(), tables(t, db)); diff != "" {
			t.Fatalf("tables (-want +got):\n%s", diff)
		}
		noStaging(t, db)
	}
	kill(plan(day1), "rows put", map[string]string{})
	kill(plan(day1), "committed", u.want()) // without keys
	heal(plan(day1), u)
	_, db := connect()
	if diff := cmp.Diff(fresh, schema(t, db)); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	for _, at := range []string{"difference computed", "rows put", "ready to commit"} {
		kill(plan(day2), at, u.want())
	}
	heal(plan(day2), n)
}

// newSchema is what migrations make of an empty database.
func newSchema(t *testing.T) map[string]string {
	t.Helper()
	_, db := database(t)
	return schema(t, db)
}

// A connection that breaks takes the load with it, and leaves the old rows; what it had committed is found by the next.
func TestConnectionCut(t *testing.T) {
	lk, u := openLake(t), first(20)
	u.commit(t, lk, day1)
	n := u.next()
	n.commit(t, lk, day2)
	direct, db := database(t)
	mustLoad(t, lk, direct, plan(day1))
	cut, cfg := newProxy(t, direct)
	run := func(at string, do func()) error {
		log := logged{at: func(message string) {
			if message == at {
				do()
			}
		}}
		p := plan(day2)
		p.Wait, p.Log = time.Minute, log.logger()
		_, err := load.Run(t.Context(), lk, cfg, p)
		return err
	}
	for _, at := range []string{"difference computed", "transaction begun", "rows put", "rows deleted"} {
		checkFault(t, run(at, cut.cut), fault.Unavailable, "look into the log of the MySQL server", "still in place")
		if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
			t.Fatalf("cut at %q (-want +got):\n%s", at, diff)
		}
	}
	checkFault(t, run("ready to commit", cut.cut), fault.Temporary, "not known")
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Fatalf("cut before the commit (-want +got):\n%s", diff)
	}
	// The answer to the commit is lost.
	checkFault(t, run("ready to commit", func() { cut.mute(true) }), fault.Temporary, "not known")
	cut.mute(false)
	p := plan(day2)
	p.Wait = time.Minute
	if got := mustLoad(t, lk, cfg, p); got.Outcome != load.Unchanged {
		t.Errorf("after a commit without an answer, a load %s", got.Outcome)
	}
	if diff := cmp.Diff(n.want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	noStaging(t, db)
}
