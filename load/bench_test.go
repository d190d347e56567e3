package load_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

// benchRows is the number of enrollments; LOAD_BENCH_ROWS changes it.
const benchRows = 3_000_000

// BenchmarkLoad measures, on one server in one run, a first load, a day on which 4% of the rows changed, another such day after somebody
// edited the table, a day without any change, and as a measure for these the server's own LOAD DATA INFILE from
// ready text files into equal tables with all their keys. Run it with -benchtime 1x.
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

	server, err := localdb.StartMySQL(b.Context(), localdb.Options{Fast: true, Extra: []string{"--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Stop() })
	databases := 0
	fresh := func(b *testing.B) (config.Database, *sql.DB) {
		databases++
		name := fmt.Sprintf("bench_%d", databases)
		if _, err := openDSN(b, server.DSN("")).Exec("CREATE DATABASE " + name); err != nil {
			b.Fatal(err)
		}
		db := openDSN(b, server.DSN(name))
		if err := migrations.Up(b.Context(), db, plan(day1).Log); err != nil {
			b.Fatal(err)
		}
		return config.Database{Host: server.Host(), Port: server.Port(), Name: name, User: server.User(), Password: config.Secret(server.Password())}, db
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
		b.ReportMetric(float64(rows)/own.Seconds(), "rows/s")
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
		report(b, full, own, 0)
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
		report(b, l.Took, own, full)
		b.ReportMetric(l.Transaction.Seconds(), "transaction-s")
		changed := int64(0)
		for _, t := range l.Tables {
			changed += t.Inserted + t.Updated + t.Deleted
		}
		b.ReportMetric(l.Transaction.Seconds()/float64(changed)*1e6, "transaction-s/million")
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
		report(b, l.Took, own, full)
		b.ReportMetric(l.Transaction.Seconds(), "transaction-s")
		mustLoad(b, lk, cfg, plan(day2))
	})
	b.Run("unchanged", func(b *testing.B) {
		var l load.JobLoad
		for b.Loop() {
			l = measured(b, lk, cfg, day2, load.Unchanged)
		}
		report(b, l.Took, own, full)
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

func report(b *testing.B, took, own, full time.Duration) {
	b.ReportMetric(took.Seconds(), "s")
	b.ReportMetric(took.Seconds()/own.Seconds(), "x-server")
	if full > 0 {
		b.ReportMetric(took.Seconds()/full.Seconds(), "x-first")
	}
}

// ownLoad lets the server read the text files, in one transaction.
func ownLoad(b *testing.B, db *sql.DB, dir string) time.Duration {
	b.Helper()
	began := time.Now()
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range load.Tables() {
		if !slices.Contains(plan(day1).Jobs[0].Tables, t.Name) {
			continue
		}
		columns := ""
		for i, c := range t.Columns {
			if i > 0 {
				columns += ", "
			}
			columns += c.Name
		}
		if _, err := tx.Exec(fmt.Sprintf("LOAD DATA INFILE '%s' INTO TABLE %s CHARACTER SET utf8mb4 (%s)", filepath.Join(dir, t.Name), t.Name, columns)); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// bigUniversity has n enrollments, 50 per course and 40 per section, and two days of use per course.
func bigUniversity(n int64) university {
	u := first(0)
	u.accounts = append(u.accounts, account{3, nil, "Engineering"})
	for i := range n / 50 {
		u.courses = append(u.courses, course{large + i, ptr(fmt.Sprint("sis", i)), fmt.Sprintf("Course number %d", i), 1 + i%3, 164, ptr(at("2026-11-01T10:00:00Z")), nil, "available"})
		for k := range int64(2) {
			u.usage = append(u.usage, usage{large + i, 10 + i, k, int32(20_000 + k)})
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

// change changes one enrollment of every n: a third of them in place, a third goes, and as many come.
func (u *university) change(n int) {
	kept := u.enrollments[:0]
	for i, e := range u.enrollments {
		switch {
		case i%n != 0:
		case i/n%3 == 0:
			e.State = "completed"
		case i/n%3 == 1:
			continue
		default:
			e.ID++
		}
		kept = append(kept, e)
	}
	u.enrollments = kept
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
