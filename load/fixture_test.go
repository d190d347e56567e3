package load_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/migrations"
)

type account struct {
	ID    int64   `parquet:"canvas_id"`
	SISID *string `parquet:"sis_id,optional,dict"`
	Name  string  `parquet:"name,dict"`
}

type term struct {
	ID      int64      `parquet:"canvas_id"`
	Name    string     `parquet:"name"`
	SISID   *string    `parquet:"sis_id,optional"`
	StartAt *time.Time `parquet:"start_at,optional,timestamp(microsecond)"`
	EndAt   *time.Time `parquet:"end_at,optional,timestamp(microsecond)"`
}

type course struct {
	ID          int64      `parquet:"canvas_id"`
	SISID       *string    `parquet:"sis_id,optional"`
	Name        string     `parquet:"name"`
	AccountID   int64      `parquet:"account_id"`
	TermID      int64      `parquet:"term_id"`
	CreatedAt   *time.Time `parquet:"created_at,optional,timestamp(microsecond)"`
	PublishedAt *time.Time `parquet:"published_at,optional,timestamp(microsecond)"`
	State       string     `parquet:"workflow_state,dict"`
}

type section struct {
	ID    int64   `parquet:"canvas_id"`
	SISID *string `parquet:"sis_id,optional"`
	Name  string  `parquet:"name"`
}

type enrollment struct {
	ID        int64  `parquet:"canvas_id"`
	CourseID  int64  `parquet:"course_id"`
	SectionID int64  `parquet:"course_section_id"`
	UserID    int64  `parquet:"user_id"`
	State     string `parquet:"workflow_state,dict"`
	Role      string `parquet:"role_type,dict"`
}

type usage struct {
	CourseID       int64 `parquet:"course_id"`
	Views          int64 `parquet:"views"`
	Participations int64 `parquet:"participations"`
	Date           int32 `parquet:"date,date"`
}

// university is the content of one date.
type university struct {
	accounts    []account
	terms       []term
	courses     []course
	sections    []section
	enrollments []enrollment
	usage       []usage
}

var (
	day1 = mustDate("2027-01-10")
	day2 = mustDate("2027-01-11")
)

func mustDate(s string) lake.Date {
	d, err := lake.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ptr[T any](v T) *T { return &v }

// large ids exceed what 32 bits and what a double can hold.
const large = 170_000_000_000_000_001

// first is a small university with n courses; every course has two enrollments and two days of use.
func first(n int64) university {
	u := university{
		accounts: []account{{1, nil, "University"}, {2, ptr("LSA"), "Literature, Science & Arts"}},
		terms:    []term{{164, "Winter 2027", ptr("2570"), ptr(at("2027-01-06T05:00:00Z")), nil}},
	}
	for i := range n {
		u.courses = append(u.courses, course{large + i, nil, fmt.Sprintf("Course %d", i), 1 + i%2, 164, ptr(at("2026-11-01T10:00:00Z")), nil, "available"})
		u.sections = append(u.sections, section{500 + i, nil, "001"})
		for k := range int64(2) {
			u.enrollments = append(u.enrollments, enrollment{1000 + 2*i + k, large + i, 500 + i, large + 7*k, "active", "StudentEnrollment"})
			u.usage = append(u.usage, usage{large + i, 10 + i, k, int32(20_000 + k)})
		}
	}
	return u
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// next is what becomes of u: a course and its rows gone, one moved to a new account whose old account goes, rows changed and added.
func (u university) next() university {
	n := university{
		accounts:    []account{{2, ptr("LSA"), "Literature, Science & Arts"}, {3, nil, "Engineering"}},
		terms:       slices.Clone(u.terms),
		courses:     slices.Clone(u.courses[1:]),
		sections:    slices.Clone(u.sections[1:]),
		enrollments: slices.Clone(u.enrollments[2:]),
		usage:       slices.Clone(u.usage[2:]),
	}
	for i := range n.courses {
		if n.courses[i].AccountID == 1 {
			n.courses[i].AccountID = 3
		}
	}
	n.enrollments[0].State = "completed"
	n.usage[1].Views++
	last := u.courses[len(u.courses)-1].ID - large + 1
	n.courses = append(n.courses, course{large + last, nil, "New", 3, 164, nil, ptr(at("2027-01-11T00:00:00.999Z")), "available"})
	n.sections = append(n.sections, section{100_000 + last, nil, "002"})
	n.enrollments = append(n.enrollments, enrollment{100_000 + last, large + last, 100_000 + last, 5, "invited", "TeacherEnrollment"})
	n.usage = append(n.usage, usage{large + last, 1, 0, 20_002})
	return n
}

var (
	canvasTime = at("2027-01-10T08:15:30.75Z")
	udwTime    = at("2027-01-09T23:00:00Z")
)

func openLake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), "file://"+t.TempDir()+"/lake")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// commit writes all curated tables of a date, made from raw ones.
func (u university) commit(t testing.TB, l *lake.Lake, d lake.Date) {
	t.Helper()
	run := lake.NewRunID(time.Now())
	later := d.Time().Sub(day1.Time())
	terms := commitRows(t, l, lake.Raw("canvas", "term"), d, run, u.terms, canvasTime.Add(later), nil, "canvas_id")
	courses := commitRows(t, l, lake.Raw("canvas", "course"), d, run, u.courses, canvasTime.Add(later).Add(time.Hour), nil, "canvas_id")
	warehouse := commitRows(t, l, lake.Raw("udw", "course_section_dim"), d, run, u.sections, udwTime.Add(later), nil, "canvas_id")
	curatedTerms := commitRows(t, l, lake.Curated("term"), d, run, u.terms, time.Time{}, []lake.Input{terms.Input()}, "canvas_id")
	inputs := []lake.Input{courses.Input(), curatedTerms.Input()}
	if before, err := l.Before(t.Context(), lake.Curated("course"), d); err == nil {
		inputs = append(inputs, before.Input())
	}
	curatedCourses := commitRows(t, l, lake.Curated("course"), d, run, u.courses, time.Time{}, inputs, "canvas_id")
	inputs = []lake.Input{curatedCourses.Input()}
	commitRows(t, l, lake.Curated("account"), d, run, u.accounts, time.Time{}, inputs, "canvas_id")
	commitRows(t, l, lake.Curated("course_section"), d, run, u.sections, time.Time{}, append(inputs, warehouse.Input()), "canvas_id")
	commitRows(t, l, lake.Curated("enrollment"), d, run, u.enrollments, time.Time{}, inputs, "canvas_id")
	commitRows(t, l, lake.Curated("canvas_course_usage"), d, run, u.usage, time.Time{}, inputs, "course_id", "date")
}

func commitRows[T any](t testing.TB, l *lake.Lake, table lake.Table, d lake.Date, run lake.RunID, rows []T, asOf time.Time, inputs []lake.Input, key ...string) lake.Snapshot {
	t.Helper()
	var files []lake.File
	// Two parts, so that the step from one file to the next is walked too.
	half := len(rows) / 2
	for i, part := range [][]T{rows[:half], rows[half:]} {
		w, err := lake.NewWriter[T](t.Context(), l, lake.Part{Table: table, Date: d, Run: run, Number: i, SortBy: key})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(part...); err != nil {
			t.Fatal(err)
		}
		f, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	columns, err := lake.ColumnsOf[T]()
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Commit(t.Context(), lake.Manifest{
		Table: table, Date: d, Run: run, Files: files, Columns: columns, Key: key, Inputs: inputs,
		SourceAsOf: asOf, StartedAt: d.Time(), FinishedAt: d.Time(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newDatabase is an empty database of this test's own, as the configuration names it and as the test looks into it.
func newDatabase(t testing.TB) (config.Database, *sql.DB) {
	t.Helper()
	dsn := localdbtest.Database(t)
	name, _, _ := strings.Cut(dsn[strings.LastIndexByte(dsn, '/')+1:], "?")
	return settings(t, name), openDSN(t, dsn)
}

// database is the one that the tests share: its tables are there, and empty.
func database(t testing.TB) (config.Database, *sql.DB) {
	t.Helper()
	const name = "shared"
	s := localdbtest.MySQL(t)
	if _, err := openDSN(t, s.DSN("")).Exec("CREATE DATABASE IF NOT EXISTS " + name); err != nil {
		t.Fatal(err)
	}
	db := openDSN(t, s.DSN(name))
	if err := migrations.Up(t.Context(), db, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	for table := range strings.Lines(query(t, db, "SHOW TABLES LIKE '\\_load\\_%'")) {
		if _, err := db.Exec("DROP TABLE " + table); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"canvas_course_usage", "enrollment", "course_section", "course", "term", "account", "data_source_status", "load_record", "job_run"} {
		if _, err := db.Exec("DELETE FROM " + table); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"canvas_course_usage", "data_source_status", "job_run"} {
		if _, err := db.Exec("ALTER TABLE " + table + " AUTO_INCREMENT = 1"); err != nil {
			t.Fatal(err)
		}
	}
	return settings(t, name), db
}

func settings(t testing.TB, name string) config.Database {
	t.Helper()
	s := localdbtest.MySQL(t)
	return config.Database{Host: s.Host(), Port: s.Port(), Name: name, User: s.User(), Password: config.Secret(s.Password())}
}

var now = at("2027-01-11T09:30:00.6Z")

func plan(d lake.Date) load.Plan {
	return load.Plan{
		Jobs: job.All()[:1], From: d, To: d, MaxDrop: load.DefaultMaxDrop, RunID: "RUN", ToolVersion: "test",
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	}
}

func mustLoad(t testing.TB, l *lake.Lake, db config.Database, p load.Plan) load.JobLoad {
	t.Helper()
	r, err := load.Run(t.Context(), l, db, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Loads) != 1 {
		t.Fatalf("got %d loads", len(r.Loads))
	}
	return r.Loads[0]
}

// counts returns inserted/updated/deleted of each table that changed.
func counts(l load.JobLoad) map[string][3]int64 {
	m := map[string][3]int64{}
	for _, t := range l.Tables {
		if c := [3]int64{t.Inserted, t.Updated, t.Deleted}; c != [3]int64{} {
			m[t.Name] = c
		}
	}
	return m
}

// want is what the tables hold after u was loaded, usage without its surrogate id.
func (u university) want() map[string]string {
	m := map[string]string{}
	add := func(table string, fields ...any) {
		for i, f := range fields {
			switch v := f.(type) {
			case *string:
				if fields[i] = "NULL"; v != nil {
					fields[i] = *v
				}
			case *time.Time:
				if fields[i] = "NULL"; v != nil {
					fields[i] = v.Truncate(time.Second).Format(time.DateTime)
				}
			}
		}
		m[table] += fmt.Sprintln(fields...)
	}
	for _, r := range u.accounts {
		add("account", r.ID, r.SISID, r.Name)
	}
	for _, r := range u.terms {
		add("term", r.ID, r.Name, r.SISID, r.StartAt, r.EndAt)
	}
	for _, r := range u.courses {
		add("course", r.ID, r.SISID, r.Name, r.AccountID, r.TermID, r.CreatedAt, r.PublishedAt, r.State)
	}
	for _, r := range u.sections {
		add("course_section", r.ID, r.SISID, r.Name)
	}
	for _, r := range u.enrollments {
		add("enrollment", r.ID, r.CourseID, r.SectionID, r.UserID, r.State, r.Role)
	}
	for _, r := range u.usage {
		add("canvas_course_usage", r.CourseID, r.Views, r.Participations, time.Unix(int64(r.Date)*86400, 0).UTC().Format(time.DateOnly))
	}
	return m
}

func tables(t testing.TB, db querier) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, table := range load.Tables() {
		columns, order := "*", "1"
		if table.Name == "canvas_course_usage" {
			columns, order = "course_id, views, participations, date", "1, 4"
		}
		if s := query(t, db, "SELECT "+columns+" FROM "+table.Name+" ORDER BY "+order); s != "" {
			m[table.Name] = s
		}
	}
	return m
}

type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

func query(t testing.TB, db querier, q string) string {
	t.Helper()
	s, err := queryErr(db, q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return s
}

func queryErr(db querier, q string) (string, error) {
	rows, err := db.Query(q)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		for i, v := range values {
			if !v.Valid {
				v.String = "NULL"
			}
			if i > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(v.String)
		}
		out.WriteByte('\n')
	}
	return out.String(), rows.Err()
}
