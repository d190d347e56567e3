package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

func TestMain(m *testing.M) { localdbtest.Main(m) }

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestLoad(t *testing.T) {
	begun := state{Seed: 7, Courses: 60, Since: day("2026-03-02"), Date: day("2026-03-05")}
	for name, tt := range map[string]struct {
		old  *state
		ask  choice
		want state
		err  string
	}{
		"new":           {nil, choice{}, state{Seed: 1, Courses: 100, Since: day("2026-03-02"), Date: day("2026-03-02")}, ""},
		"new by choice": {nil, choice{seed: 3, courses: 9, date: day("2026-01-31")}, state{Seed: 3, Courses: 9, Since: day("2026-01-31"), Date: day("2026-01-31")}, ""},
		"again":         {&begun, choice{}, begun, ""},
		"same settings": {&begun, choice{seed: 7, courses: 60, date: day("2026-03-05")}, begun, ""},
		"next night":    {&begun, choice{date: day("2026-03-06")}, state{Seed: 7, Courses: 60, Since: day("2026-03-02"), Date: day("2026-03-06")}, ""},
		"a gap":         {&begun, choice{date: day("2026-03-07")}, state{}, "does not follow"},
		"back":          {&begun, choice{date: day("2026-03-04")}, state{}, "is at 2026-03-05"},
		"other seed":    {&begun, choice{seed: 8}, state{}, "60 courses of seed 7"},
		"other courses": {&begun, choice{courses: 61}, state{}, "60 courses of seed 7"},
	} {
		t.Run(name, func(t *testing.T) {
			d := &demo{home: t.TempDir()}
			if tt.old != nil {
				if err := d.save(*tt.old); err != nil {
					t.Fatal(err)
				}
			}
			got, err := d.load(tt.ask)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || fault.ClassOf(err) != fault.Usage || !strings.Contains(fault.HintOf(err), "make demo-down") {
					t.Errorf("error %v (%q)", err, fault.HintOf(err))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if again, err := d.load(choice{}); err != nil || !cmp.Equal(again, got) {
				t.Errorf("the next call: %+v %v", again, err)
			}
		})
	}
}

func TestDifference(t *testing.T) {
	db, err := sql.Open("mysql", strings.ReplaceAll(localdbtest.Database(t), "parseTime=true", "parseTime=false"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{
		"CREATE TABLE t (id BIGINT, name VARCHAR(99) CHARACTER SET utf8mb4, at DATETIME, day DATE)",
		`INSERT INTO t VALUES (17700000000123456, 'a\tb "c" 😀', '2026-03-02 01:02:03', '2026-03-02'), (2, NULL, NULL, NULL), (3, 'extra', NULL, NULL), (4, 'twice', NULL, NULL)`,
	} {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	columns := []string{"at", "day", "id", "name"}
	truth := map[string]int{
		key(columns, map[string]any{"id": "17700000000123456", "name": "a\tb \"c\" 😀", "at": "2026-03-02 01:02:03", "day": "2026-03-02"}): 1,
		key(columns, map[string]any{"id": "2"}):                  1,
		key(columns, map[string]any{"id": "4", "name": "twice"}): 2,
	}
	found, missing, extra, err := difference(t.Context(), db, "t", columns, truth)
	if err != nil {
		t.Fatal(err)
	}
	if found != 4 || !cmp.Equal(missing, []string{`NULL NULL "4" "twice"`}) || !cmp.Equal(extra, []string{`NULL NULL "3" "extra"`}) {
		t.Errorf("found %d, missing %q, extra %q", found, missing, extra)
	}
	if found, _, extra, err = difference(t.Context(), db, "t", nil, nil); err != nil || found != 4 || len(extra) != 4 {
		t.Errorf("of nothing: found %d, extra %q, %v", found, extra, err)
	}

	var out bytes.Buffer
	if err := query(t.Context(), db, &out, "Rows", "SELECT id, name, day FROM t WHERE id <> 3 ORDER BY id DESC"); err != nil {
		t.Fatal(err)
	}
	want := `
Rows
                 id  name       day
  17700000000123456  a b "c" 😀  2026-03-02
                  4  twice
                  2
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestIndented(t *testing.T) {
	var out bytes.Buffer
	w := &indented{to: &out}
	for _, s := range []string{"a", "b\n", "\nc\nd", "\n"} {
		if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
			t.Fatal(n, err)
		}
	}
	if got := out.String(); got != "  ab\n\n  c\n  d\n" {
		t.Errorf("%q", got)
	}
}

// Without a server program the demo runs Docker's images on loopback, keeps the password out of the
// command line, and removes exactly its own containers.
func TestContainer(t *testing.T) {
	dir := t.TempDir()
	calls := filepath.Join(dir, "calls")
	script := `#!/bin/sh
echo "$*" >> ` + calls + `
case $1 in
version) echo 28.2 ;;
container) [ -e ` + dir + `/running ] && echo true || exit 1 ;;
run) touch ` + dir + `/running ;;
port) echo 127.0.0.1:1 ;;
ps) echo abc123 ;;
esac
`
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	d := &demo{home: filepath.Join(dir, "demo")}
	if err := os.MkdirAll(d.path("secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := mysqlContainer
	c.ping = func(context.Context, database) error { return nil }
	first, err := d.container(t.Context(), c, errors.New("not installed"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.container(t.Context(), c, errors.New("not installed"))
	if err != nil {
		t.Fatal(err)
	}
	if first.Host != "127.0.0.1" || first.Port != 1 || len(first.Password) < 20 || first.Password != again.Password {
		t.Errorf("first %+v, again %+v", first, again)
	}
	if _, err := d.removeContainers(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(log), "\nrun "); n != 1 {
		t.Errorf("%d containers run", n)
	}
	if strings.Contains(string(log), first.Password) {
		t.Error("the password stood on a command line")
	}
	for _, want := range []string{"--publish 127.0.0.1::3306 mysql:8.4 --local-infile=ON", "label=course-inventory.demo=" + d.home, "rm --force --volumes abc123"} {
		if !strings.Contains(string(log), want) {
			t.Errorf("no %q in:\n%s", want, log)
		}
	}
}
