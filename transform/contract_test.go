package transform_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/extract/udp"
	"github.com/tl-its-umich-edu/course-inventory/extract/udw"
	"github.com/tl-its-umich-edu/course-inventory/extract/zoom"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// TestContract writes every raw table as its extract does and runs every model on them. A column
// that one side renames or retypes fails here.
func TestContract(t *testing.T) {
	section, user := int64(17700000000000005), int64(7)
	students, name := int64(1), "A"
	number, category, utc := "10", "Root>site>channels>10", "UTC"
	at := time.Date(2026, 3, 1, 4, 5, 6, 789_000, time.UTC)
	for _, test := range []struct {
		name string
		rows bool
		want int64 // rows of every set
	}{
		{"no rows", false, 0},
		{"one row each", true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := openLake(t)
			write(t, l, "raw_canvas.term", test.rows, canvas.Term{ID: 164, Name: "Winter 2026", StartAt: &at, FetchedAt: at})
			write(t, l, "raw_canvas.account", test.rows, canvas.Account{ID: 1, Name: "University", FetchedAt: at})
			write(t, l, "raw_canvas.course", test.rows, canvas.Course{ID: 10, Name: name, AccountID: 1, EnrollmentTermID: 164, CreatedAt: &at, WorkflowState: "available", TotalStudents: &students, FetchedAt: at})
			write(t, l, "raw_canvas.course_audit_event", test.rows, canvas.AuditEvent{ID: "x", CourseID: 10, CreatedAt: at, EventType: "published", FetchedAt: at})
			write(t, l, "raw_canvas.course_activity", test.rows, canvas.Activity{CourseID: 10, Date: 20512, Views: 3, FetchedAt: at})
			write(t, l, "raw_canvas.enrollment", test.rows, canvas.Enrollment{ID: 100, CourseID: 10, SectionID: &section, SectionName: &name, UserID: &user, State: "active", Type: "StudentEnrollment", FetchedAt: at})
			write(t, l, "raw_udw.course_section_dim", test.rows, udw.Section{CanvasID: &section, SISSourceID: &name, FetchedAt: at})
			write(t, l, "raw_udp.event", test.rows, udp.Event{EventID: "e", EventTime: at, CourseIDText: &number, FetchedAt: at})
			write(t, l, "raw_kaltura.media", test.rows, kaltura.Media{ID: "1_a", CreatedAt: at, Categories: &category, Root: "Root", FetchedAt: at})
			write(t, l, "raw_canvas.tab", test.rows, canvas.Tab{CourseID: 10, CourseName: name, AccountID: 1, TabID: "context_external_tool_25194", Label: "ZOOM", FetchedAt: at})
			write(t, l, "raw_zoom.meeting", test.rows, zoom.Meeting{CourseID: 10, ToolID: 25194, MeetingID: "m", HostID: "h", StartTimeText: "2026-02-28 15:00:00", TimeZone: &utc, FetchedAt: at})
			if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
				t.Fatal(err)
			}
			for _, set := range transform.Sets() {
				if got := find(t, l, set.Table(), day).Rows(); got != test.want {
					t.Errorf("%s has %d rows, want %d", set.Name, got, test.want)
				}
				for _, c := range find(t, l, set.Table(), day).Checks {
					if !slices.Contains(set.Gates(), c.Name) {
						t.Errorf("%s has the gate %s, which Gates does not list", set.Name, c.Name)
					}
				}
			}
			if !test.rows {
				return
			}
			db := openDuckDB(t)
			want := `{"canvas_id":10,"sis_id":null,"name":"A","account_id":1,"term_id":164,"created_at":"2026-03-01T04:05:06Z","published_at":"2026-03-01T04:05:06Z","workflow_state":"available"}` + "\n"
			if diff := cmp.Diff(want, read(t, l, db, find(t, l, lake.Curated("course"), day))); diff != "" {
				t.Errorf("course (-want +got):\n%s", diff)
			}
			want = `{"course_id":10,"views":3,"participations":0,"date":"2026-02-28"}` + "\n"
			if diff := cmp.Diff(want, read(t, l, db, find(t, l, lake.Curated("canvas_course_usage"), day))); diff != "" {
				t.Errorf("canvas_course_usage (-want +got):\n%s", diff)
			}
		})
	}
}

// write commits a raw table as an extract writes it, with the given row or none.
func write[T any](t *testing.T, l *lake.Lake, name string, withRow bool, row T) {
	t.Helper()
	columns, err := lake.ColumnsOf[T]()
	if err != nil {
		t.Fatal(err)
	}
	w, err := lake.NewWriter[T](t.Context(), l, lake.Part{Table: tableOf(name), Date: day, Run: "RAW"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	if withRow {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(t.Context(), lake.Manifest{Table: tableOf(name), Date: day, Run: "RAW", Files: []lake.File{f}, Columns: columns, StartedAt: noon, FinishedAt: noon}); err != nil {
		t.Fatal(err)
	}
}
