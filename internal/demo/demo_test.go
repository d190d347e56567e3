package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
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
	jobs := university.Jobs()
	begun := state{Seed: 7, Courses: 60, Since: day("2026-03-02"), Date: day("2026-03-05"), Done: day("2026-03-04"), Jobs: jobs}
	older := begun
	older.Jobs = jobs[:len(jobs)-1]
	for name, tt := range map[string]struct {
		old  *state
		ask  choice
		want state
		err  string
	}{
		"new":           {nil, choice{}, state{Seed: 1, Courses: 100, Since: day("2026-03-02"), Date: day("2026-03-02"), Jobs: jobs}, ""},
		"new by choice": {nil, choice{seed: 3, courses: 9, date: day("2026-01-31")}, state{Seed: 3, Courses: 9, Since: day("2026-01-31"), Date: day("2026-01-31"), Jobs: jobs}, ""},
		"again":         {&begun, choice{}, begun, ""},
		"same settings": {&begun, choice{seed: 7, courses: 60, date: day("2026-03-05")}, begun, ""},
		"next night":    {&begun, choice{date: day("2026-03-06")}, state{Seed: 7, Courses: 60, Since: day("2026-03-02"), Date: day("2026-03-06"), Done: day("2026-03-04"), Jobs: jobs}, ""},
		"a gap":         {&begun, choice{date: day("2026-03-07")}, state{}, "does not follow"},
		"back":          {&begun, choice{date: day("2026-03-04")}, state{}, "is at 2026-03-05"},
		"other seed":    {&begun, choice{seed: 8}, state{}, "60 courses of seed 7"},
		"other jobs":    {&older, choice{}, state{}, "other jobs"},
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

// mysqlDatabase returns a fresh database whose times come as text.
func mysqlDatabase(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", strings.ReplaceAll(localdbtest.Database(t), "parseTime=true", "parseTime=false"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestFreshness(t *testing.T) {
	db := mysqlDatabase(t)
	s := state{Seed: 1, Courses: 5, Since: day("2026-03-02"), Date: day("2026-03-03"), Jobs: []string{"COURSE_INVENTORY"}}
	tables, err := truth(s)
	if err != nil {
		t.Fatal(err)
	}
	known := tables[slices.IndexFunc(tables, func(t university.Table) bool { return t.Name == history })]
	warehouse := known.Rows[0][1].(string)
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE data_source_status (id INT AUTO_INCREMENT PRIMARY KEY, data_source_name VARCHAR(50), data_updated_at DATETIME)"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, at, missing, extra string }{
		{"CANVAS_API", "2026-03-02 09:00:00", "CANVAS_API 2026-03-03; UNIZIN_DATA_WAREHOUSE " + warehouse, "CANVAS_API 2026-03-02 09:00:00"},
		{"CANVAS_API", "2026-03-03 09:00:00", "UNIZIN_DATA_WAREHOUSE " + warehouse, ""},
		{"UNIZIN_DATA_WAREHOUSE", warehouse, "", ""},
		{"KALTURA_API", "2026-03-03 09:00:00", "", "KALTURA_API 2026-03-03 09:00:00"},
	} {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO data_source_status (data_source_name, data_updated_at) VALUES (?, ?)", tt.name, tt.at); err != nil {
			t.Fatal(err)
		}
		v, err := freshness(t.Context(), db, s, known)
		if err != nil || strings.Join(v.Missing, "; ") != tt.missing || strings.Join(v.Extra, "; ") != tt.extra {
			t.Errorf("after %s %s: missing %q, extra %q, %v", tt.name, tt.at, v.Missing, v.Extra, err)
		}
	}
}

// What MySQL holds counts as lost where it is empty though a night was done, and where a refill was cut short.
func TestLost(t *testing.T) {
	c, err := mysql.ParseDSN(localdbtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := strings.Cut(c.Addr, ":")
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	inventory := database{Host: host, Port: number, User: c.User, Password: c.Passwd, Name: c.DBName}
	is := func(want bool, s state) {
		t.Helper()
		if got, err := lost(t.Context(), s, inventory); got != want || err != nil {
			t.Errorf("%+v: lost %t, %v", s, got, err)
		}
	}
	done := state{Date: day("2026-03-03"), Done: day("2026-03-02")}
	is(false, state{Date: day("2026-03-02")})
	is(true, done)
	db, err := open(inventory)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE job_run (id INT)"); err != nil {
		t.Fatal(err)
	}
	is(true, done)
	if _, err := db.ExecContext(t.Context(), "INSERT INTO job_run VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	is(false, done)
	done.Refilling = true
	is(true, done)
	if err := anew(t.Context(), inventory); err != nil {
		t.Fatal(err)
	}
	done.Refilling = false
	is(true, done)
}

func TestQuery(t *testing.T) {
	db := mysqlDatabase(t)
	for _, s := range []string{
		"CREATE TABLE t (id BIGINT, name VARCHAR(99) CHARACTER SET utf8mb4, day DATE)",
		`INSERT INTO t VALUES (17700000000123456, 'a\tb "c" 😀', '2026-03-02'), (2, NULL, NULL), (3, 'extra', NULL), (4, 'twice', NULL)`,
	} {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := query(t.Context(), db, &out, "Rows", "SELECT id, name, day FROM t WHERE id <> 3 ORDER BY id DESC"); err != nil {
		t.Fatal(err)
	}
	want := `
Rows
                 id  name       day
  ---------------------------------
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
	out.Reset()
	long := strings.Repeat("é", lineWidth)
	if _, err := w.Write([]byte(long + "\n" + long + "é and more\nnext\n")); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "  "+long+"\n  "+long+"…\n  next\n" {
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
