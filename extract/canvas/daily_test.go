package canvas

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// runAt extracts all tables at a time into a lake.
func runAt(t testing.TB, l *lake.Lake, cfg *config.Config, at time.Time) (extract.Result, error) {
	t.Helper()
	source, err := open(cfg, extract.Env{Now: func() time.Time { return at }, Version: "test"}, hasty)
	if err != nil {
		t.Fatal(err)
	}
	return extract.Run(t.Context(), l, extracttest.Plan(source, at))
}

// TestDays reads a university day after day. Every day's rows are those of the university, and later days take fewer requests.
func TestDays(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 7, Courses: 20})
	l, cfg := extracttest.Lake(t), configOf(s, false)
	var first int64
	for n := range auditTurn + 2 {
		at := now.AddDate(0, 0, n)
		if err := s.SetDay(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		result, err := runAt(t, l, cfg, at)
		if err != nil {
			t.Fatalf("%v\n%s", err, fault.HintOf(err))
		}
		if n < 2 || n > auditTurn {
			got, want := rawOf(t, l, at), truthOf(t, s, at)
			settled := at.AddDate(0, 0, -auditTurn)
			got.Events, want.Events = auditOf(t, got.Events, settled), auditOf(t, want.Events, settled)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("raw rows of %v differ from the university (-want +got):\n%.4000s", at, diff)
			}
		}
		requests := result.Requests.Total
		audit := requestsOf(result, "course_audit_event")
		t.Logf("%d requests, %d of them for the audit log", requests, audit)
		if first == 0 {
			first = requests
		} else if requests >= first {
			t.Errorf("%d requests on day %d, %d on the first", requests, n, first)
		}
	}
	m, err := l.Find(t.Context(), "raw/canvas/course_audit_event", lake.DateOf(now.AddDate(0, 0, 1)))
	if err != nil || len(m.Inputs) != 1 || len(m.Notes) != 1 {
		t.Errorf("the manifest does not tell what was taken over: %+v, %v", m.Manifest, err)
	}
}

// auditOf reduces events to what is promised for every day: those up to a time, and of every course that it is published at all.
func auditOf(t *testing.T, events []AuditEvent, until time.Time) []AuditEvent {
	t.Helper()
	published := map[int64]bool{}
	var kept []AuditEvent
	for _, e := range events {
		if !e.CreatedAt.After(until) {
			kept = append(kept, e)
		}
		if e.EventType == publishedEvent && !published[e.CourseID] {
			published[e.CourseID] = true
			kept = append(kept, AuditEvent{ID: "published", CourseID: e.CourseID})
		}
	}
	slices.SortFunc(kept, compareEvents)
	return kept
}

func requestsOf(r extract.Result, table string) int64 {
	for _, t := range r.Tables {
		if t.Table.Name() == table {
			return t.Requests.Total
		}
	}
	return 0
}

// TestNoAccountLog reads every course's log where the installation has none by account.
func TestNoAccountLog(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 7, Courses: 30, NoAuditAccounts: true})
	l := extracttest.Lake(t)
	for n := range 2 {
		at := now.AddDate(0, 0, n)
		if err := s.SetDay(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		result, err := runAt(t, l, configOf(s, false), at)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			if diff := cmp.Diff(truthOf(t, s, at).Events, rawOf(t, l, at).Events); diff != "" {
				t.Errorf("events (-want +got):\n%.2000s", diff)
			}
			continue
		}
		open := len(truthOf(t, s, at).Activity)
		if asked := requestsOf(result, "course_audit_event"); asked > int64(open)/4 {
			t.Errorf("%d requests for the audit log on the second day", asked)
		}
	}
}

// TestTabsFollowCourses does not list courses that the lake has of the same date.
func TestTabsFollowCourses(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 7, Courses: 150})
	cfg := configOf(s, true)
	l := extracttest.Lake(t)
	extractTables := func(tables ...string) extract.Result {
		t.Helper()
		p := extracttest.Plan(openHasty(t, cfg), now)
		p.Tables = tables
		result, err := extract.Run(t.Context(), l, p)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	extractTables("course")
	s.Reset()
	extractTables("tab")
	if stats := s.Stats(); stats.Requests["/api/v1/accounts/{account}/courses"] != 0 || stats.Requests["gateway token"] != 0 {
		t.Errorf("courses were listed again: %v", stats.Requests)
	}
	got := extracttest.Rows[Tab](t, l, "raw/canvas/tab", lake.DateOf(now))
	for i := range got {
		got[i].FetchedAt = time.Time{}
	}
	if diff := cmp.Diff(tabTruth(t, s), got); diff != "" {
		t.Errorf("(-want +got):\n%.3000s", diff)
	}
	m, err := l.Find(t.Context(), "raw/canvas/tab", lake.DateOf(now))
	if err != nil || len(m.Inputs) != 1 || fmt.Sprint(m.Inputs[0].Path[:17]) != "raw/canvas/course" {
		t.Errorf("inputs: %+v, %v", m.Inputs, err)
	}
	// The list that another configuration made does not serve.
	cfg.Canvas.AddCourseIDs = []int64{got[0].CourseID}
	s.Reset()
	extractTables("tab")
	if m, err := l.Find(t.Context(), "raw/canvas/tab", lake.DateOf(now)); err != nil || len(m.Inputs) != 0 || s.Stats().Requests["/api/v1/accounts/{account}/courses"] == 0 {
		t.Errorf("inputs: %+v, %v", m.Inputs, err)
	}
	// Nor does that of another server.
	other := startCampus(t, campus.Options{Seed: 8, Courses: 30})
	cfg = configOf(other, true)
	extractTables("tab")
	got = extracttest.Rows[Tab](t, l, "raw/canvas/tab", lake.DateOf(now))
	for i := range got {
		got[i].FetchedAt = time.Time{}
	}
	if diff := cmp.Diff(tabTruth(t, other), got); diff != "" {
		t.Errorf("another server (-want +got):\n%.3000s", diff)
	}
}
