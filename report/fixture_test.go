package report_test

import (
	"fmt"
	"hash/fnv"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var (
	now   = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	today = lake.DateOf(now)
)

func openLake(t *testing.T) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// snapshot is what a test publishes. The manifest says how many rows it has; the page never reads them.
type snapshot struct {
	table  lake.Table
	date   lake.Date
	rows   int64
	change func(*lake.Manifest)
}

type row struct {
	ID int64 `parquet:"id"`
}

func put(t *testing.T, l *lake.Lake, s snapshot) lake.Snapshot {
	t.Helper()
	at := s.date.Time().Add(5 * time.Hour)
	id := lake.NewRunID(at)
	w, err := lake.NewWriter[row](t.Context(), l, lake.Part{Table: s.table, Date: s.date, Run: id})
	if err != nil {
		t.Fatal(err)
	}
	file, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	file.Rows = s.rows
	columns, err := lake.ColumnsOf[row]()
	if err != nil {
		t.Fatal(err)
	}
	m := lake.Manifest{
		Table: s.table, Date: s.date, Run: id, Files: []lake.File{file}, Columns: columns, SourceAsOf: at.Add(-time.Hour),
		StartedAt: at, FinishedAt: at.Add(time.Minute),
	}
	if s.change != nil {
		s.change(&m)
	}
	made, err := l.Commit(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// putRun keeps a record. Its id, if it has none, tells when it started.
func putRun(t *testing.T, l *lake.Lake, r lake.Run) {
	t.Helper()
	if r.ID == "" {
		r.ID = lake.NewRunID(r.StartedAt)
	}
	if err := l.PutRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

// noise is a number below most that looks like chance and is the same every time.
func noise(most int64, of ...any) int64 {
	h := fnv.New32a()
	fmt.Fprint(h, of...)
	return int64(h.Sum32()) % most
}

// fill lets all jobs run every night for so many days, with some trouble on the way.
func fill(t *testing.T, l *lake.Lake, days int) {
	t.Helper()
	for n := range days {
		date := today.AddDays(n - days + 1)
		if n == 20 || n == 21 {
			continue // nothing ran
		}
		for i, j := range job.All() {
			begin := date.Time().Add(time.Duration(5+i) * time.Hour)
			for k, s := range j.Sources {
				night(t, l, j, s, date, begin.Add(time.Duration(k)*time.Minute)) // ids sort by time
			}
			if j.Name == "MIVIDEO" && n == days-1 {
				putRun(t, l, lake.Run{Stage: "transform", Jobs: []string{j.Name}, Status: lake.Failed, Date: date, StartedAt: begin.Add(20 * time.Minute),
					FinishedAt: begin.Add(21 * time.Minute), ExitCode: 65, Error: "quality gates of 2026-03-02: 1 failed and nothing was committed; curated/mivideo_media_created key_unique: several rows have the same id",
					Remedy: "the rows come from the raw tables of that date: correct them at the source and extract again"})
				continue
			}
			derive(t, l, j, date, begin.Add(20*time.Minute))
		}
	}
	putRun(t, l, lake.Run{Stage: "extract-canvas", Jobs: []string{"COURSE_INVENTORY"}, Status: lake.Interrupted, Date: today, StartedAt: now.Add(-3 * time.Hour),
		FinishedAt: now.Add(-2 * time.Hour), ExitCode: 130, Error: "terminated (SIGTERM)"})
	putRun(t, l, lake.Run{Stage: "load", Jobs: []string{"COURSE_INVENTORY"}, Status: lake.Running, Date: today, StartedAt: now.Add(-30*time.Hour - 5*time.Minute)})
}

// night extracts a source.
func night(t *testing.T, l *lake.Lake, j job.Job, s job.Source, date lake.Date, begin time.Time) {
	t.Helper()
	requests := lake.Requests{Total: 3000 + noise(400, date, s.Name), Retried: noise(9, date, s.Name), Throttled: noise(3, s.Name, date)}
	if s.Name == "canvas" {
		requests.Quota = &lake.Quota{Least: 120.4, Most: 599.5, AtOnce: 12}
	}
	r := lake.Run{Stage: "extract-" + s.Name, Jobs: []string{j.Name}, Status: lake.Succeeded, Date: date, StartedAt: begin, Requests: &requests}
	for _, table := range s.Tables {
		rows := 5000 + noise(300, date, table)
		made := put(t, l, snapshot{table: lake.Raw(s.Name, table), date: date, rows: rows, change: func(m *lake.Manifest) {
			if table == "course" && date == today.AddDays(-4) {
				m.Drift = []lake.Drift{{Of: "source", Name: "homeroom_course", Change: "added", To: "boolean"}, {Of: "source", Name: "license", Change: "type", From: "string", To: "null|string"}}
			}
			if table == "enrollment" && date == today.AddDays(-3) {
				m.Checks = []lake.Check{{Name: "missing_courses", Warning: true, Detail: "1 course could not be read", Rows: 31}}
			}
		}})
		r.Manifests = append(r.Manifests, made.Path)
		r.Tables = append(r.Tables, lake.Done{Table: table, Date: date, Rows: rows, Seconds: 12})
	}
	r.FinishedAt = begin.Add(time.Duration(300+noise(200, date)) * time.Second)
	putRun(t, l, r)
}

// derive transforms and loads a job.
func derive(t *testing.T, l *lake.Lake, j job.Job, date lake.Date, begin time.Time) {
	t.Helper()
	r := lake.Run{Stage: "transform", Jobs: []string{j.Name}, Status: lake.Succeeded, Date: date, StartedAt: begin, FinishedAt: begin.Add(7 * time.Second)}
	loaded := lake.Run{Stage: "load", Jobs: r.Jobs, Status: lake.Succeeded, Date: date, StartedAt: begin.Add(time.Minute), FinishedAt: begin.Add(75 * time.Second)}
	for _, table := range j.Tables {
		rows := 1000 + noise(1000, table) + 10*int64(date.Time().YearDay()) + noise(40, date, table)
		made := put(t, l, snapshot{table: lake.Curated(table), date: date, rows: rows, change: func(m *lake.Manifest) {
			m.Checks = []lake.Check{{Name: "key_unique", Passed: true}, {Name: "required_present", Passed: true}, {Name: "row_count", Passed: true}}
			if table == "enrollment" && date.Time().Weekday() == time.Sunday {
				m.Checks = append(m.Checks, lake.Check{Name: "role_type_known", Warning: true, Rows: 3, Detail: "unknown values of role_type"})
			}
			if j.Name == "MIVIDEO" {
				m.Interval = &lake.Interval{From: date.AddDays(-1).Time(), To: date.Time()}
			}
		}})
		if table == "enrollment" {
			put(t, l, snapshot{table: lake.Curated(table).Rejected(), date: date, rows: 2})
		}
		r.Manifests = append(r.Manifests, made.Path)
		r.Tables = append(r.Tables, lake.Done{Table: table, Date: date, Rows: rows})
		loaded.Tables = append(loaded.Tables, lake.Done{Table: table, Date: date, Rows: rows, Changes: &lake.Changes{Inserted: 40, Updated: noise(20, table), Deleted: noise(9, date)}})
	}
	putRun(t, l, r)
	putRun(t, l, loaded)
}
