package transform_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

func TestFailedGateCommitsNothing(t *testing.T) {
	big := strings.Repeat("😀", 513)
	for name, test := range map[string]struct {
		rows   map[string]string
		before bool // a day before with all rows
		want   []string
	}{
		"fewer rows than the day before": {without("raw_canvas.enrollment"), true,
			[]string{"curated/enrollment row_count: 0 rows, 3 on 2026-02-28; at least 3 expected"}},
		"a name that is too long": {map[string]string{"raw_canvas.enrollment": `{"id":100,"course_id":10,"section_id":5,"section_name":"` + big + `","user_id":7,"state":"active","type":"StudentEnrollment","fetched_at":"2026-03-01T04:00:00Z"}`}, false,
			[]string{"curated/course_section name_length", "(1 row, such as canvas_id=5 "}},
		"negative counts": {map[string]string{"raw_canvas.course_activity": `{"course_id":10,"date":"2026-02-28","views":-4,"participations":0}`}, false,
			[]string{"curated/canvas_course_usage counts_not_negative", "course_id=10 views=-4 participations=0 date=2026-02-28"}},
	} {
		t.Run(name, func(t *testing.T) {
			l, db := openLake(t), openDuckDB(t)
			if test.before {
				fill(t, l, db, day.AddDays(-1), "RAW0", nil)
				if _, err := transform.Run(t.Context(), l, engine, plan(day.AddDays(-1))); err != nil {
					t.Fatal(err)
				}
			}
			fill(t, l, db, day, "RAW", test.rows)
			_, err := transform.Run(t.Context(), l, engine, plan(day))
			var gate *transform.GateError
			if !errors.As(err, &gate) || fault.ClassOf(err) != fault.Data || fault.HintOf(err) == "" {
				t.Fatalf("got %v (class %s, hint %q)", err, fault.ClassOf(err), fault.HintOf(err))
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
			nothingCommitted(t, l, day)
		})
	}
}

func TestMaxDropAcceptsFewerRows(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	fill(t, l, db, day.AddDays(1), "RAW", without("raw_canvas.enrollment"))
	p := plan(day)
	p.To, p.Drop.Max = day.AddDays(1), 1
	if _, err := transform.Run(t.Context(), l, engine, p); err != nil {
		t.Fatal(err)
	}
}

// TestGatesOfEverySet declares of the real models what does not hold, to see the gates that they never fail.
func TestGatesOfEverySet(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	for want, declare := range map[string]func(*transform.Set){
		"curated/enrollment key_unique: several rows have the same course_id (2 rows, such as course_id=10 times=2)": func(s *transform.Set) {
			if s.Name == "enrollment" {
				s.Key = []string{"course_id"}
			}
		},
		"curated/course required_present: a required value is missing (2 rows, such as canvas_id=10 sis_id=NULL": func(s *transform.Set) {
			if s.Name == "course" {
				s.Columns[1].Nullable = false
			}
		},
		"curated/enrollment enrollment_user_id_resolves: user_id of enrollment is in no row of course (3 rows, such as canvas_id=100": func(s *transform.Set) {
			if s.Name == "enrollment" {
				s.References = append(s.References, transform.Reference{Column: "user_id", Set: "course", Key: "canvas_id"})
			}
		},
	} {
		sets := transform.Sets()
		for i := range sets {
			declare(&sets[i])
		}
		_, err := transform.RunSets(t.Context(), l, engine, sets, plan(day))
		var gate *transform.GateError
		if !errors.As(err, &gate) || len(gate.Failed) != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		nothingCommitted(t, l, day)
	}
}

func TestKeysAreRequired(t *testing.T) {
	for _, set := range transform.Sets() {
		for _, key := range set.Key {
			if !slices.ContainsFunc(set.Columns, func(c lake.Column) bool { return c.Name == key && !c.Nullable }) {
				t.Errorf("key %s of %s is no required column", key, set.Name)
			}
		}
		for _, c := range set.Columns {
			if c.Description == "" {
				t.Errorf("column %s of %s has no description", c.Name, set.Name)
			}
		}
	}
}

// TestUnknownValuesCountRows counts the rows that have an unknown value, not the values.
func TestUnknownValuesCountRows(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	row := func(id int) string {
		return fmt.Sprintf(`{"id":%d,"course_id":10,"section_id":5,"section_name":"001","user_id":7,"state":"dormant","type":"StudentEnrollment","fetched_at":"2026-03-01T04:00:00Z"}`, id)
	}
	fill(t, l, db, day, "RAW", map[string]string{"raw_canvas.enrollment": row(100) + "\n" + row(101) + "\n" + row(102)})
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	want := "workflow_state_known (3 rows): unknown values of workflow_state"
	if got := unpassed(find(t, l, lake.Curated("enrollment"), day).Checks); !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// nothingCommitted fails unless the lake has no curated table of the date.
func nothingCommitted(t *testing.T, l *lake.Lake, d lake.Date) {
	t.Helper()
	for _, set := range transform.Sets() {
		for _, table := range []lake.Table{set.Table(), set.Table().Rejected()} {
			if _, err := l.Find(t.Context(), table, d); !errors.Is(err, lake.ErrNotFound) {
				t.Errorf("%s has a snapshot of %s (%v)", table, d, err)
			}
		}
	}
}

// TestMixedRunsAreNoticed replays a date of which one raw table of Canvas is of another run: only what is made from that table and
// from others is doubtful. The jobs read tab and the other tables in runs of their own, which says nothing.
func TestMixedRunsAreNoticed(t *testing.T) {
	for mixed, want := range map[string][]string{
		"tab":        nil,
		"course":     {"account", "canvas_course_usage", "course", "course_section", "enrollment"},
		"enrollment": {"course_section", "enrollment"},
	} {
		t.Run(mixed, func(t *testing.T) {
			l, db := openLake(t), openDuckDB(t)
			fill(t, l, db, day, "RAW1", nil)
			put(t, l, db, "raw_canvas."+mixed, day, "RAW2", university["raw_canvas."+mixed])
			if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
				t.Fatal(err)
			}
			var warned []string
			for _, set := range transform.Sets() {
				checks := unpassed(find(t, l, set.Table(), day).Checks)
				if strings.Contains(checks, "inputs_same_run (0 rows): the raw_canvas tables come from 2 runs") {
					warned = append(warned, set.Name)
				}
			}
			slices.Sort(warned)
			if !slices.Equal(warned, want) {
				t.Errorf("noticed at %v, want %v", warned, want)
			}
		})
	}
}

// TestTornExtractIsPassedOver transforms beside an extract that was killed between its commits.
func TestTornExtractIsPassedOver(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW1", nil)
	whole := find(t, l, lake.Raw("canvas", "course"), day)
	file, err := l.Local(t.Context(), whole.Files[0], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.Upload(t.Context(), lake.Part{Table: whole.Table, Date: day, Run: "RAW2"}, file)
	if err != nil {
		t.Fatal(err)
	}
	torn := whole.Manifest
	torn.Run, torn.Files, torn.Together = "RAW2", []lake.File{f}, []lake.Table{whole.Table, lake.Raw("canvas", "enrollment")}
	if _, err := l.Commit(t.Context(), torn); err != nil {
		t.Fatal(err)
	}
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	course := find(t, l, lake.Curated("course"), day)
	if !slices.Contains(course.Inputs, whole.Input()) || !strings.Contains(strings.Join(course.Notes, " "), "the extract RAW2 did not commit all") {
		t.Errorf("made from %v with the notes %q", course.Inputs, course.Notes)
	}
}
