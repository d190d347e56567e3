package canvas

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// pick returns n available courses with students and enough rows of each kind.
func pick(t *testing.T, s *campustest.Server, n int) (ids []int64) {
	t.Helper()
	r := truthOf(t, s, now)
	for _, c := range r.Courses {
		active := slices.ContainsFunc(r.Activity, func(a Activity) bool { return a.CourseID == c.ID })
		if c.WorkflowState == "available" && *c.TotalStudents > 3 && active && c.ID < 1<<40 {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) < n {
		t.Fatalf("only %d courses to pick from", len(ids))
	}
	return ids[len(ids)-n:]
}

// TestMissing makes two courses unreadable on the second day, each in another table. They are tolerated by number only, with
// their rows of the day before.
func TestMissing(t *testing.T) {
	o := campus.Options{Seed: 9, Courses: 30}
	healthy := startCampus(t, o)
	ids := pick(t, healthy, 2)
	tomorrow := now.AddDate(0, 0, 1)
	o.Date, o.Epoch = tomorrow, healthy.University().Epoch()
	o.NullCourses = ids[:1]
	o.Breaks = []campus.Break{
		{Prefix: fmt.Sprintf("/api/v1/courses/%d/enrollments", ids[0]), Status: 500}, // it is read by REST, too
		{Prefix: fmt.Sprintf("/api/v1/courses/%d/analytics", ids[1]), Status: 500},
	}
	broken := startCampus(t, o)

	for allowed, class := range map[int]fault.Class{0: fault.Unavailable, 1: fault.Unavailable, 2: fault.OK} {
		t.Run(fmt.Sprint(allowed), func(t *testing.T) {
			l := extracttest.Lake(t)
			if _, err := runAt(t, l, configOf(healthy, false), now); err != nil {
				t.Fatal(err)
			}
			before := rawOf(t, l, now)
			cfg := configOf(broken, false)
			cfg.Quality.MaxMissingCourses = allowed
			_, err := runAt(t, l, cfg, tomorrow)
			if class != fault.OK {
				classAndHint(t, err, class, "QUALITY.max_missing_courses")
				for _, text := range []string{"2 courses cannot be read", fmt.Sprintf("course %d (enrollment)", ids[0]), fmt.Sprintf("course %d (course_activity)", ids[1])} {
					if !contains(fmt.Sprint(err), text) {
						t.Errorf("%q is not in %v", text, err)
					}
				}
				if _, err := l.Find(t.Context(), "raw/canvas/enrollment", lake.DateOf(tomorrow)); err == nil {
					t.Error("a snapshot was committed")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := truthOf(t, broken, tomorrow)
			want.Enrollments = mixed(want.Enrollments, before.Enrollments, func(e Enrollment) bool { return e.CourseID == ids[0] })
			want.Activity = mixed(want.Activity, before.Activity, func(a Activity) bool { return a.CourseID == ids[1] })
			enrollments, activity := carried(t, l, tomorrow)
			sortCarried(want)
			if diff := cmp.Diff(want.Enrollments, enrollments); diff != "" {
				t.Errorf("enrollments (-want +got):\n%.2000s", diff)
			}
			if diff := cmp.Diff(want.Activity, activity); diff != "" {
				t.Errorf("activity (-want +got):\n%.2000s", diff)
			}
			for table, id := range map[string]int64{"enrollment": ids[0], "course_activity": ids[1]} {
				m, err := l.Find(t.Context(), lake.Raw("canvas", table), lake.DateOf(tomorrow))
				if err != nil {
					t.Fatal(err)
				}
				check := lake.Check{
					Name: "missing_courses", Warning: true, Examples: []string{fmt.Sprint(id)},
					Detail: "1 course could not be read; the rows of " + lake.DateOf(now).String() + " stand in for 1 of them",
				}
				checks := slices.DeleteFunc(sourceChecks(m), func(c lake.Check) bool { return c.Name != "missing_courses" })
				if len(checks) == 1 {
					check.Rows = checks[0].Rows
				}
				if diff := cmp.Diff([]lake.Check{check}, checks); diff != "" || len(m.Inputs) != 1 || check.Rows == 0 {
					t.Errorf("%s: inputs %v, checks (-want +got):\n%s", table, m.Inputs, diff)
				}
				if notes := strings.Join(m.Notes, " "); !contains(notes, fmt.Sprint(id)) {
					t.Errorf("%s: notes %q", table, notes)
				}
			}
		})
	}
}

// mixed takes the rows for which old is true from before.
func mixed[T any](now, before []T, old func(T) bool) []T {
	rows := slices.DeleteFunc(slices.Clone(now), old)
	for _, row := range before {
		if old(row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// sortCarried puts mixed rows into the order of a snapshot.
func sortCarried(r raw) {
	slices.SortFunc(r.Enrollments, func(a, b Enrollment) int { return int(a.ID - b.ID) })
	slices.SortFunc(r.Activity, func(a, b Activity) int {
		if a.CourseID != b.CourseID {
			return int(a.CourseID - b.CourseID)
		}
		return int(a.Date - b.Date)
	})
}

// carried reads the tables of which some rows are of another day.
func carried(t *testing.T, l *lake.Lake, at time.Time) ([]Enrollment, []Activity) {
	t.Helper()
	enrollments := extracttest.Rows[Enrollment](t, l, "raw/canvas/enrollment", lake.DateOf(at))
	activity := extracttest.Rows[Activity](t, l, "raw/canvas/course_activity", lake.DateOf(at))
	for i := range enrollments {
		enrollments[i].FetchedAt = time.Time{}
	}
	for i := range activity {
		activity[i].FetchedAt = time.Time{}
	}
	return enrollments, activity
}

// TestClosedCourses reads a university in some of whose courses the token lacks a right, in the words of every age. That ends no
// other course; the error names them all, and they are tolerated like others that cannot be read.
func TestClosedCourses(t *testing.T) {
	o := campus.Options{Seed: 9, Courses: 40}
	healthy := startCampus(t, o)
	closed := pick(t, healthy, 4)
	other, closed := closed[3], closed[:3]
	tomorrow := now.AddDate(0, 0, 1)
	for name, test := range map[string]struct {
		status  int
		null    bool // GraphQL does not show one of them at all
		breaks  bool // another one cannot be read for another reason
		allowed int
		class   fault.Class
		hint    string
	}{
		"401":       {status: 401, class: fault.Permission, hint: "lacks a right"},
		"null":      {status: 403, null: true, class: fault.Permission, hint: "lacks a right"},
		"mixed":     {status: 403, breaks: true, class: fault.Unavailable, hint: "look at these courses"},
		"tolerated": {status: 401, allowed: 3},
	} {
		t.Run(name, func(t *testing.T) {
			o := o
			o.Date, o.Epoch = tomorrow, healthy.University().Epoch()
			o.ClosedCourses, o.ClosedStatus = closed, test.status
			if test.null {
				o.NullCourses = closed[:1]
				o.Breaks = []campus.Break{{Prefix: fmt.Sprintf("/api/v1/courses/%d", closed[0]), Status: 403}}
			}
			if test.breaks {
				o.Breaks = []campus.Break{{Prefix: fmt.Sprintf("/api/v1/courses/%d/tabs", other), Status: 500}}
			}
			s := startCampus(t, o)
			l := extracttest.Lake(t)
			var before raw
			if test.allowed > 0 {
				if _, err := runAt(t, l, configOf(healthy, false), now); err != nil {
					t.Fatal(err)
				}
				before = rawOf(t, l, now)
			}
			cfg := configOf(s, false)
			cfg.Quality.MaxMissingCourses = test.allowed
			_, err := runAt(t, l, cfg, tomorrow)
			if test.class != fault.OK {
				classAndHint(t, err, test.class, test.hint)
				classAndHint(t, err, test.class, "QUALITY.max_missing_courses")
				for _, id := range closed {
					if !contains(fmt.Sprint(err), fmt.Sprintf("course %d (", id)) {
						t.Errorf("course %d is not in the error: %v", id, err)
					}
				}
				if _, err := l.Find(t.Context(), "raw/canvas/enrollment", lake.DateOf(tomorrow)); err == nil {
					t.Error("a snapshot was committed")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			in := func(course int64) bool { return slices.Contains(closed, course) }
			want := truthOf(t, s, tomorrow)
			want.Enrollments = mixed(want.Enrollments, before.Enrollments, func(e Enrollment) bool { return in(e.CourseID) })
			want.Activity = mixed(want.Activity, before.Activity, func(a Activity) bool { return in(a.CourseID) })
			sortCarried(want)
			enrollments, activity := carried(t, l, tomorrow)
			if diff := cmp.Diff(want.Enrollments, enrollments); diff != "" {
				t.Errorf("enrollments (-want +got):\n%.2000s", diff)
			}
			if diff := cmp.Diff(want.Activity, activity); diff != "" {
				t.Errorf("activity (-want +got):\n%.2000s", diff)
			}
		})
	}
}

// TestManyMissing ends early, with all courses that were met, when everything fails.
func TestManyMissing(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 9, Courses: 150, Breaks: []campus.Break{{Prefix: "/api/v1/courses/", Status: 500}}})
	cfg := configOf(s, false)
	cfg.MaxReqAttempts, cfg.Quality.MaxMissingCourses = 1, 3
	_, err := runAt(t, extracttest.Lake(t), cfg, now)
	classAndHint(t, err, fault.Unavailable, "look at these courses")
	text := fmt.Sprint(err)
	_, text, _ = strings.Cut(text, ": ")
	var n int
	if _, err := fmt.Sscanf(text, "%d courses cannot be read", &n); err != nil || n < maxFailures || n > maxFailures+2*cfg.NumAsyncWorkers {
		t.Errorf("%v, %.300s", err, text)
	}
}

// TestDeletedDuringRun has a course vanish after it was listed: no other course suffers.
func TestDeletedDuringRun(t *testing.T) {
	o := campus.Options{Seed: 9, Courses: 30}
	id := pick(t, startCampus(t, o), 1)[0]
	o.NullCourses, o.NoAuditAccounts = []int64{id}, true
	o.Breaks = []campus.Break{
		{Prefix: fmt.Sprintf("/api/v1/courses/%d", id), Status: 404}, {Prefix: fmt.Sprintf("/api/v1/audit/course/courses/%d", id), Status: 404},
	}
	s := startCampus(t, o)
	l := extracttest.Lake(t)
	result, err := runAt(t, l, configOf(s, false), now)
	if err != nil {
		t.Fatal(err)
	}
	want := truthOf(t, s, now)
	want.Events = slices.DeleteFunc(want.Events, func(e AuditEvent) bool { return e.CourseID == id })
	want.Activity = slices.DeleteFunc(want.Activity, func(a Activity) bool { return a.CourseID == id })
	want.Enrollments = slices.DeleteFunc(want.Enrollments, func(e Enrollment) bool { return e.CourseID == id })
	if diff := cmp.Diff(want, rawOf(t, l, now)); diff != "" {
		t.Errorf("raw rows (-want +got):\n%.3000s", diff)
	}
	for _, r := range result.Tables {
		told := slices.ContainsFunc(r.Notes, func(n string) bool { return contains(n, "1 course deleted while this ran: "+fmt.Sprint(id)) })
		if wanted := slices.Contains([]string{"course_audit_event", "enrollment", "tab"}, r.Table.Name()); told != wanted {
			t.Errorf("%s: notes %q", r.Table, r.Notes)
		}
	}
}
