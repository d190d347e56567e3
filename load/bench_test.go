package load_test

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// benchRows is the number of enrollments, and of rows of use; LOAD_BENCH_ROWS changes it.
const benchRows = 1_000_000

// insertBatch is the number of rows of a statement of the peer that inserts.
const insertBatch = 1000

// BenchmarkLoad measures, on one server in one run, a first load, a day on which 4% of the rows changed, another such day after somebody
// edited the table, a day without any change, and as a measure for these, from the same text files into equal tables with all their keys, the
// server's own LOAD DATA INFILE and prepared INSERTs of 1000 rows. Rows that are changed are, in equal parts, new, different and gone. Run it with -benchtime 1x.
func BenchmarkLoad(b *testing.B) {
	rows := int64(benchRows)
	if s := os.Getenv("LOAD_BENCH_ROWS"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		rows = n
	}
	lk := openLake(b)
	u := bigUniversity(rows)
	u.commit(b, lk, day1)
	dir, err := os.MkdirTemp("", "load-bench-") // the server must be able to read it
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	u.writeText(b, dir)
	u.change(25)
	u.commit(b, lk, day2)
	u = university{}
	runtime.GC()

	server, err := localdb.StartMySQL(b.Context(), localdb.Options{Fast: true, Extra: []string{
		"--innodb-buffer-pool-size=1G", "--loose-innodb-log-file-size=512M", "--loose-innodb-redo-log-capacity=1G", // one is MariaDB's, one MySQL's
		"--secure-file-priv=", // let the server read the text files
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Stop() })
	databases := 0
	// fresh makes an empty database and drops the one before, whose pages the server would write while the next is measured.
	fresh := func(b *testing.B) (config.Database, *sql.DB) {
		b.Helper()
		all := openDSN(b, server.DSN(""))
		name := func() string { return fmt.Sprintf("bench_%d", databases) }
		drop := "DROP DATABASE IF EXISTS " + name()
		databases++
		for _, query := range []string{drop, "CREATE DATABASE " + name()} {
			if _, err := all.Exec(query); err != nil {
				b.Fatal(err)
			}
		}
		db := openDSN(b, server.DSN(name()))
		if err := migrations.Up(b.Context(), db, 0, plan(day1).Log); err != nil {
			b.Fatal(err)
		}
		return config.Database{Host: server.Host(), Port: server.Port(), Name: name(), User: server.User(), Password: config.Secret(server.Password())}, db
	}

	var own time.Duration
	b.Run("server", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			_, db := fresh(b)
			b.StartTimer()
			own = ownLoad(b, db, dir)
		}
		b.ReportMetric(own.Seconds(), "s")
		b.ReportMetric(float64(2*rows)/own.Seconds(), "rows/s")
	})
	var inserts time.Duration
	b.Run("inserts", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			_, db := fresh(b)
			b.StartTimer()
			inserts = insertAll(b, db, dir)
		}
		report(b, inserts, peers{server: own})
	})
	var full time.Duration
	var cfg config.Database
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			cfg, _ = fresh(b)
			b.StartTimer()
			full = measured(b, lk, cfg, day1, load.Loaded).Took
		}
		report(b, full, peers{server: own, inserts: inserts})
	})
	b.Run("changed4percent", func(b *testing.B) {
		var l load.JobLoad
		for b.Loop() {
			l = measured(b, lk, cfg, day2, load.Loaded)
			b.StopTimer()
			if b.N > 1 {
				b.Fatal("run with -benchtime 1x")
			}
			b.StartTimer()
		}
		report(b, l.Took, peers{own, inserts, full})
		b.ReportMetric(l.Transaction.Seconds(), "transaction-s")
		changed := int64(0)
		for _, t := range l.Tables {
			changed += t.Inserted + t.Updated + t.Deleted
		}
		perChange := l.Transaction.Seconds() / float64(changed)
		b.ReportMetric(perChange*1e6, "transaction-s/million")
		if own > 0 {
			b.ReportMetric(perChange/(own.Seconds()/float64(2*rows)), "transaction-x-server-row")
		}
	})
	b.Run("edited", func(b *testing.B) {
		var l load.JobLoad
		for b.Loop() {
			b.StopTimer()
			if _, err := openDSN(b, server.DSN(cfg.Name)).Exec("UPDATE enrollment SET user_id = 5 WHERE canvas_id > 0 ORDER BY canvas_id LIMIT 1"); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			l = measured(b, lk, cfg, day1, load.Loaded)
		}
		report(b, l.Took, peers{own, inserts, full})
		b.ReportMetric(l.Transaction.Seconds(), "transaction-s")
		mustLoad(b, lk, cfg, plan(day2))
	})
	b.Run("unchanged", func(b *testing.B) {
		var l load.JobLoad
		for b.Loop() {
			l = measured(b, lk, cfg, day2, load.Unchanged)
		}
		report(b, l.Took, peers{own, inserts, full})
	})
}

func measured(b *testing.B, lk *lake.Lake, cfg config.Database, d lake.Date, want load.Outcome) load.JobLoad {
	stop := make(chan struct{})
	peak := make(chan uint64)
	go func() { // owned by this function, which waits for it below
		var m runtime.MemStats
		var most uint64
		for {
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	p := plan(d)
	p.AllowOlder = true
	l := mustLoad(b, lk, cfg, p)
	close(stop)
	b.ReportMetric(float64(<-peak)/(1<<20), "heap-MB")
	if l.Outcome != want {
		b.Fatalf("it %s", l.Outcome)
	}
	return l
}

// peers are the times to compare one with; 0 for none.
type peers struct{ server, inserts, first time.Duration }

func report(b *testing.B, took time.Duration, p peers) {
	b.ReportMetric(took.Seconds(), "s")
	for unit, peer := range map[string]time.Duration{"x-server": p.server, "x-inserts": p.inserts, "x-first": p.first} {
		if peer > 0 {
			b.ReportMetric(took.Seconds()/peer.Seconds(), unit)
		}
	}
}

// filled fills the tables in one transaction and returns how long that took.
func filled(b *testing.B, db *sql.DB, fill func(tx *sql.Tx, t load.Table) error) time.Duration {
	b.Helper()
	began := time.Now()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range courseTables() {
		if err := fill(tx, t); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// ownLoad lets the server read the text files.
func ownLoad(b *testing.B, db *sql.DB, dir string) time.Duration {
	b.Helper()
	return filled(b, db, func(tx *sql.Tx, t load.Table) error {
		_, err := tx.Exec(fmt.Sprintf("LOAD DATA INFILE '%s' INTO TABLE %s CHARACTER SET utf8mb4 (%s)", filepath.Join(dir, t.Name), t.Name, columnsOf(t)))
		return err
	})
}

// insertAll reads the text files and sends their rows by prepared INSERTs of many rows.
func insertAll(b *testing.B, db *sql.DB, dir string) time.Duration {
	b.Helper()
	return filled(b, db, func(tx *sql.Tx, t load.Table) error { return insertFile(tx, t, filepath.Join(dir, t.Name)) })
}

func insertFile(tx *sql.Tx, t load.Table, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	head := fmt.Sprintf("INSERT INTO %s (%s) VALUES ", t.Name, columnsOf(t))
	row := "(?" + strings.Repeat(",?", len(t.Columns)-1) + ")"
	full, err := tx.Prepare(head + row + strings.Repeat(","+row, insertBatch-1))
	if err != nil {
		return err
	}
	defer full.Close()
	var args []any
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		for field := range strings.SplitSeq(lines.Text(), "\t") {
			if field == `\N` {
				args = append(args, nil)
			} else {
				args = append(args, field)
			}
		}
		if len(args) == insertBatch*len(t.Columns) {
			if _, err := full.Exec(args...); err != nil {
				return err
			}
			args = args[:0]
		}
	}
	if n := len(args) / len(t.Columns); n > 0 {
		_, err = tx.Exec(head+row+strings.Repeat(","+row, n-1), args...)
	}
	return errors.Join(lines.Err(), err)
}

// courseTables are those of the first job, parents first.
func courseTables() []load.Table {
	return slices.DeleteFunc(load.Tables(), func(t load.Table) bool { return !slices.Contains(plan(day1).Jobs[0].Tables, t.Name) })
}

func columnsOf(t load.Table) string {
	var names []string
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// bigUniversity has n enrollments, 50 per course and 40 per section, and as many rows of use: 50 days per course.
func bigUniversity(n int64) university {
	u := first(0)
	u.accounts = append(u.accounts, account{3, nil, "Engineering"})
	for i := range n / 50 {
		u.courses = append(u.courses, course{large + i, ptr(fmt.Sprint("sis", i)), fmt.Sprintf("Course number %d", i), 1 + i%3, 164, ptr(at("2026-11-01T10:00:00Z")), nil, "available"})
		for k := range int64(50) {
			u.usage = append(u.usage, usage{large + i, 10 + i, k, int32(20_000 + 2*k)})
		}
	}
	for i := range n / 40 {
		u.sections = append(u.sections, section{500 + i, nil, fmt.Sprintf("Section %03d", i%30)})
	}
	for i := range n {
		u.enrollments = append(u.enrollments, enrollment{large + 3*i, large + (i*7919)%(n/50), 500 + (i*104729)%(n/40), 1 + (i*31)%100_000, "active", "StudentEnrollment"})
	}
	return u
}

// change changes one enrollment and one row of use of every n: a third of them in place, a third goes, and as many come.
func (u *university) change(n int) {
	u.enrollments = changed(u.enrollments, n, func(e *enrollment) { e.State = "completed" }, func(e *enrollment) { e.ID++ })
	u.usage = changed(u.usage, n, func(d *usage) { d.Views++ }, func(d *usage) { d.Date++ })
}

func changed[R any](rows []R, n int, edit, follow func(*R)) []R {
	all := make([]R, 0, len(rows))
	for i, r := range rows {
		if i%n != 0 {
			all = append(all, r)
			continue
		}
		switch i / n % 3 {
		case 0:
			edit(&r)
			all = append(all, r)
		case 1:
			all = append(all, r)
			follow(&r)
			all = append(all, r)
		}
	}
	return all
}

// writeText writes the files that the server reads.
func (u university) writeText(b *testing.B, dir string) {
	b.Helper()
	for table, write := range map[string]func(w *bufio.Writer){
		"account": func(w *bufio.Writer) {
			for _, r := range u.accounts {
				fmt.Fprintf(w, "%d\t%s\t%s\n", r.ID, null(r.SISID), r.Name)
			}
		},
		"term": func(w *bufio.Writer) {
			for _, r := range u.terms {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t\\N\n", r.ID, r.Name, null(r.SISID), r.StartAt.Format(time.DateTime))
			}
		},
		"course": func(w *bufio.Writer) {
			for _, r := range u.courses {
				fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%d\t%s\t\\N\t%s\n", r.ID, null(r.SISID), r.Name, r.AccountID, r.TermID, r.CreatedAt.Format(time.DateTime), r.State)
			}
		},
		"course_section": func(w *bufio.Writer) {
			for _, r := range u.sections {
				fmt.Fprintf(w, "%d\t%s\t%s\n", r.ID, null(r.SISID), r.Name)
			}
		},
		"enrollment": func(w *bufio.Writer) {
			for _, r := range u.enrollments {
				fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%s\t%s\n", r.ID, r.CourseID, r.SectionID, r.UserID, r.State, r.Role)
			}
		},
		"canvas_course_usage": func(w *bufio.Writer) {
			for _, r := range u.usage {
				fmt.Fprintf(w, "%d\t%d\t%d\t%s\n", r.CourseID, r.Views, r.Participations, time.Unix(int64(r.Date)*86400, 0).UTC().Format(time.DateOnly))
			}
		},
	} {
		f, err := os.OpenFile(filepath.Join(dir, table), os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			b.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		write(w)
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func null(s *string) string {
	if s == nil {
		return `\N`
	}
	return *s
}
