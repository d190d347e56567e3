package transform_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// scoped says of the date's Canvas tables which terms they were asked for.
func scoped(t *testing.T, l *lake.Lake, d lake.Date, terms ...int64) {
	t.Helper()
	for _, name := range []string{"term", "account", "course", "course_audit_event", "course_activity", "enrollment", "tab"} {
		m := find(t, l, lake.Raw("canvas", name), d).Manifest
		m.Scope = lake.Scope{"terms": terms}
		if _, err := l.Commit(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

const oneEnrollment = `{"id":100,"course_id":10,"section_id":5,"section_name":"A","user_id":7,"state":"active","type":"StudentEnrollment","fetched_at":"2026-03-01T04:00:00Z"}`

// eightEnrollments are more than the few rows that may always go.
func eightEnrollments() string {
	var rows []string
	for id := 100; id < 108; id++ {
		rows = append(rows, strings.Replace(oneEnrollment, "100", strconv.Itoa(id), 1))
	}
	return strings.Join(rows, "\n")
}

// TestOtherTerms transforms a date that was asked for fewer terms: fewer rows are no loss, but none at all are.
func TestOtherTerms(t *testing.T) {
	for name, test := range map[string]struct {
		terms  []int64
		rows   map[string]string
		accept []string
		refuse bool
		want   string
	}{
		"a term less":     {terms: []int64{165}, rows: map[string]string{"raw_canvas.enrollment": oneEnrollment}, want: "terms changed from 164, 165 to 165; row limits not applied"},
		"the same terms":  {terms: []int64{164, 165}, rows: map[string]string{"raw_canvas.enrollment": oneEnrollment}, refuse: true},
		"nothing is left": {terms: []int64{165}, rows: without("raw_canvas.enrollment"), refuse: true},
		"accepted": {terms: []int64{164, 165}, rows: map[string]string{"raw_canvas.enrollment": oneEnrollment},
			accept: []string{"enrollment", "course_section"}, want: "accepted by --accept-drop"},
	} {
		t.Run(name, func(t *testing.T) {
			l, db := openLake(t), openDuckDB(t)
			fill(t, l, db, day.AddDays(-1), "RAW0", map[string]string{"raw_canvas.enrollment": eightEnrollments()})
			scoped(t, l, day.AddDays(-1), 164, 165)
			if _, err := transform.Run(t.Context(), l, engine, plan(day.AddDays(-1))); err != nil {
				t.Fatal(err)
			}
			fill(t, l, db, day, "RAW1", test.rows)
			scoped(t, l, day, test.terms...)
			p := plan(day)
			p.Drop.Accept = test.accept
			_, err := transform.Run(t.Context(), l, engine, p)
			var gate *transform.GateError
			if test.refuse {
				if !errors.As(err, &gate) || !strings.Contains(fault.HintOf(err), "--accept-drop ") || !strings.Contains(fault.HintOf(err), "enrollment") {
					t.Errorf("%v (%q)", err, fault.HintOf(err))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := unpassed(find(t, l, lake.Curated("enrollment"), day).Checks); !strings.Contains(got, test.want) {
				t.Errorf("the gates tell %q", got)
			}
			if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
				t.Errorf("what was let through once is refused: %v", err)
			}
		})
	}
}
