package load_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
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
	return commitManifest(t, l, lake.Manifest{Table: table, Date: d, Run: run, Key: key, Inputs: inputs, SourceAsOf: asOf}, rows)
}

// commitManifest commits rows under m, which names table, date, run and key.
func commitManifest[T any](t testing.TB, l *lake.Lake, m lake.Manifest, rows []T) lake.Snapshot {
	t.Helper()
	// Two parts, so that the step from one file to the next is walked too.
	half := len(rows) / 2
	for i, part := range [][]T{rows[:half], rows[half:]} {
		w, err := lake.NewWriter[T](t.Context(), l, lake.Part{Table: m.Table, Date: m.Date, Run: m.Run, Number: i, SortBy: m.Key})
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
		m.Files = append(m.Files, f)
	}
	columns, err := lake.ColumnsOf[T]()
	if err != nil {
		t.Fatal(err)
	}
	m.Columns, m.StartedAt, m.FinishedAt = columns, m.Date.Time(), m.Date.Time()
	s, err := l.Commit(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
