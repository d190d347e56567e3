package load_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// victim says what a process that is to be killed loads, and when it dies.
type victim struct {
	Lake, Host, Name, User, Password string
	Port                             int
	Job                              string
	Date                             lake.Date
	At                               string        // at this message of its log,
	Nth                              int           // or at the n-th, counted from 1,
	Later                            time.Duration // or so long after that one
}

const victimEnv = "LOAD_TEST_VICTIM"

// TestVictim is the process that is killed; on its own it does nothing.
func TestVictim(t *testing.T) {
	text := os.Getenv(victimEnv)
	if text == "" {
		t.Skip("only for TestKilled")
	}
	var v victim
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	lk, err := lake.Open(t.Context(), v.Lake)
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64 // two connections put keys back, and say so
	log := logged{at: func(message string) {
		if nth := n.Add(1); message != v.At && nth != int64(v.Nth) {
			return
		}
		die := func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL) }
		if v.Later > 0 {
			time.AfterFunc(v.Later, die)
			return
		}
		die()
		select {}
	}}
	p := planOf(named(v.Job), v.Date, v.Date)
	p.Log = log.logger()
	p.Wait = time.Minute
	p.BulkRows, p.AllowOlder = 1, true
	if _, err := load.Run(t.Context(), lk, config.Database{Host: v.Host, Port: v.Port, Name: v.Name, User: v.User, Password: config.Secret(v.Password)}, p); err != nil {
		t.Fatal(err)
	}
}

// kill runs the victim and reports whether it died; it may be done before it is to.
func (v victim) kill(t *testing.T) (died bool) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$")
	c.Env = append(os.Environ(), victimEnv+"="+string(text), "TMPDIR="+t.TempDir())
	out, err := c.CombinedOutput()
	died = err != nil && strings.Contains(err.Error(), "killed")
	if err != nil && !died || !died && v.At != "" {
		t.Fatalf("it did not die at %q, %d: %v\n%s", v.At, v.Nth, err, out)
	}
	return died
}

func TestKilled(t *testing.T) {
	lk := openLake(t)
	u := first(60)
	u.commit(t, lk, day1)
	n := u.next()
	n.commit(t, lk, day2)
	cfg, db := database(t)
	kill := func(date lake.Date, at string) {
		t.Helper()
		newVictim(lk, cfg, "COURSE_INVENTORY", date, at).kill(t)
	}
	heal := func(date lake.Date) {
		t.Helper()
		p := plan(date)
		p.Wait = time.Minute
		p.AllowOlder = true
		mustLoad(t, lk, cfg, p)
		noStaging(t, db)
	}

	// The first load of all: the tables are empty or full.
	whole := schema(t, db)
	for _, at := range []string{"keys taken", "transaction begun", "rows put", "ready to commit"} {
		kill(day1, at)
		if got := tables(t, db); len(got) > 0 {
			t.Fatalf("killed at %q, it left rows", at)
		}
	}
	// The rows are there, their keys are not yet.
	kill(day1, "committed")
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Fatalf("tables (-want +got):\n%s", diff)
	}
	if cmp.Equal(whole, schema(t, db)) {
		t.Fatal("no key was off")
	}
	heal(day1)
	if diff := cmp.Diff(whole, schema(t, db)); diff != "" {
		t.Fatalf("schema (-want +got):\n%s", diff)
	}
	old, fresh := u.want(), n.want()
	if diff := cmp.Diff(old, tables(t, db)); diff != "" {
		t.Fatalf("tables (-want +got):\n%s", diff)
	}

	for i, at := range []string{"difference computed", "transaction begun", "rows put", "rows deleted", "ready to commit", "staged", "difference computed"} {
		if i == 5 { // compare rows in the database
			if _, err := db.Exec("UPDATE load_record SET row_sum = NULL"); err != nil {
				t.Fatal(err)
			}
		}
		kill(day2, at)
		if diff := cmp.Diff(old, tables(t, db)); diff != "" {
			t.Fatalf("killed at %q (-want +got):\n%s", at, diff)
		}
	}
	kill(day2, "committed")
	if diff := cmp.Diff(fresh, tables(t, db)); diff != "" {
		t.Fatalf("killed after the commit (-want +got):\n%s", diff)
	}
	heal(day1)
	heal(day2)
	if diff := cmp.Diff(fresh, tables(t, db)); diff != "" {
		t.Fatalf("tables (-want +got):\n%s", diff)
	}
}

func newVictim(lk *lake.Lake, cfg config.Database, job string, date lake.Date, at string) victim {
	return victim{Lake: lk.URL(), Host: cfg.Host, Port: cfg.Port, Name: cfg.Name, User: cfg.User, Password: cfg.Password.Reveal(), Job: job, Date: date, At: at}
}

// A date of an incremental table is there whole or not at all, and what was killed does not keep the next load from its rows.
func TestKilledBetweenDates(t *testing.T) {
	lk := openLake(t)
	one, two := twoNights()
	one.commit(t, lk)
	two.commit(t, lk)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, planOf(mivideo, day1, day1))
	old, fresh := wantMIVIDEO([]night{one}), wantMIVIDEO([]night{one, two})
	for _, at := range []string{"staged", "difference computed", "rows put", "rows deleted", "ready to commit", "committed"} {
		newVictim(lk, cfg, "MIVIDEO", day2, at).kill(t)
		want := old
		if at == "committed" {
			want = fresh
		}
		if diff := cmp.Diff(want, tables(t, db)); diff != "" {
			t.Fatalf("killed at %q (-want +got):\n%s", at, diff)
		}
	}
	p := planOf(mivideo, day1, day2)
	p.Wait = time.Minute
	if _, err := load.Run(t.Context(), lk, cfg, p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fresh, tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if s := query(t, db, "SELECT COUNT(*) FROM job_run"); s != "2\n" {
		t.Errorf("%s rows in job_run", s)
	}
	noStaging(t, db)
}

func truncate(t *testing.T, name string) {
	t.Helper()
	info, err := os.Stat(name)
	if err == nil {
		err = os.Truncate(name, info.Size()-10)
	}
	if err != nil {
		t.Fatal(err)
	}
}
