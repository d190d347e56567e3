package load_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// victim says what a process that is to be killed loads, and at which message of its log it dies.
type victim struct {
	Lake, Host, Name, User, Password string
	Port                             int
	Job                              string
	Date                             lake.Date
	At                               string
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
	log := logged{at: func(message string) {
		if message == v.At {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}}
	p := planOf(named(v.Job), v.Date, v.Date)
	p.Log = log.logger()
	p.Wait = time.Minute
	p.BulkRows = 1
	if _, err := load.Run(t.Context(), lk, config.Database{Host: v.Host, Port: v.Port, Name: v.Name, User: v.User, Password: config.Secret(v.Password)}, p); err != nil {
		t.Fatal(err)
	}
}

// kill starts the victim and lets it die at its message, or kills it after some time.
func (v victim) kill(t *testing.T, after time.Duration) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestVictim$")
	c.Env = append(os.Environ(), victimEnv+"="+string(text), "TMPDIR="+t.TempDir())
	var out strings.Builder
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		time.Sleep(after)
		_ = c.Process.Kill()
	}
	err = c.Wait()
	if after == 0 && (err == nil || !strings.Contains(err.Error(), "killed")) {
		t.Fatalf("it did not die at %q: %v\n%s", v.At, err, &out)
	}
}

func TestKilled(t *testing.T) {
	lk := openLake(t)
	u := first(400)
	u.commit(t, lk, day1)
	n := u.next()
	n.commit(t, lk, day2)
	cfg, db := database(t)
	kill := func(date lake.Date, at string, after time.Duration) {
		t.Helper()
		victim{lk.URL(), cfg.Host, cfg.Name, cfg.User, cfg.Password.Reveal(), cfg.Port, "COURSE_INVENTORY", date, at}.kill(t, after)
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
		kill(day1, at, 0)
		if got := tables(t, db); len(got) > 0 {
			t.Fatalf("killed at %q, it left rows", at)
		}
	}
	// The rows are there, their keys are not yet.
	kill(day1, "committed", 0)
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
		kill(day2, at, 0)
		if diff := cmp.Diff(old, tables(t, db)); diff != "" {
			t.Fatalf("killed at %q (-want +got):\n%s", at, diff)
		}
	}
	kill(day2, "committed", 0)
	if diff := cmp.Diff(fresh, tables(t, db)); diff != "" {
		t.Fatalf("killed after the commit (-want +got):\n%s", diff)
	}
	heal(day1)

	// At any moment, wherever that is.
	for range 6 {
		after := time.Duration(50+rand.IntN(500)) * time.Millisecond
		kill(day2, "", after)
		got := tables(t, db)
		if diff := cmp.Diff(fresh, got); diff != "" && !cmp.Equal(old, got) {
			t.Fatalf("killed after %s, neither old nor new rows:\n%s", after, diff)
		}
	}
	heal(day2)
	if diff := cmp.Diff(fresh, tables(t, db)); diff != "" {
		t.Fatalf("tables (-want +got):\n%s", diff)
	}
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
		victim{lk.URL(), cfg.Host, cfg.Name, cfg.User, cfg.Password.Reveal(), cfg.Port, "MIVIDEO", day2, at}.kill(t, 0)
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
