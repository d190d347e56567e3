package transform_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

func TestRun(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW1", nil)
	fill(t, l, db, day.AddDays(1), "RAW2", without("raw_canvas.course_audit_event"))
	p := plan(day)
	p.To, p.Run, p.WorkDir = day.AddDays(1), "RUN1", t.TempDir()
	result, err := transform.Run(t.Context(), l, engine, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Dates) != 2 || result.Run != "RUN1" {
		t.Fatalf("got %d dates of run %s, want 2 of RUN1", len(result.Dates), result.Run)
	}
	second := result.Dates[1]
	rows := map[string]int64{}
	for _, s := range second.Sets {
		rows[s.Set] = s.Snapshot.Rows()
	}
	want := map[string]int64{"term": 1, "account": 1, "course": 2, "course_section": 2, "enrollment": 3, "canvas_course_usage": 1}
	for _, set := range transform.Sets() {
		want[set.Name] += 0 // the others have no rows
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	course := find(t, l, lake.Curated("course"), day.AddDays(1))
	if got := read(t, l, db, course); !strings.Contains(got, `"published_at":"2026-01-05T10:00:00Z"`) {
		t.Errorf("the day after does not remember published_at:\n%s", got)
	}
	paths := map[string]bool{}
	for _, in := range course.Inputs {
		paths[in.Path] = true
		if m, err := l.Manifest(t.Context(), in.Path); err != nil || m.SHA256 != in.SHA256 {
			t.Errorf("input %s: digest %s, %v", in.Path, in.SHA256, err)
		}
	}
	for _, path := range []string{"raw/canvas/course/dt=2026-03-02/_manifest-000001.json", "curated/term/dt=2026-03-02/_manifest-000001.json", "curated/course/dt=2026-03-01/_manifest-000001.json"} {
		if !paths[path] {
			t.Errorf("course does not name its input %s, only %v", path, course.Inputs)
		}
	}
	if want := day.AddDays(1).Time().Add(4 * time.Hour); !course.SourceAsOf.Equal(want) {
		t.Errorf("source_as_of is %s, want %s: an earlier snapshot does not make the data older", course.SourceAsOf, want)
	}
	if entries, err := os.ReadDir(p.WorkDir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestLakeThatIsNoDirectory(t *testing.T) {
	l, err := lake.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	db := openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	if n := find(t, l, lake.Curated("enrollment"), day).Rows(); n != 3 {
		t.Errorf("got %d enrollments, want 3", n)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	var digests [2]map[lake.Table]string
	for i := range digests {
		l, db := openLake(t), openDuckDB(t)
		fill(t, l, db, day, "RAW", nil)
		p := plan(day)
		p.Run = "RUN"
		result, err := transform.Run(t.Context(), l, engine, p)
		if err != nil {
			t.Fatal(err)
		}
		digests[i] = map[lake.Table]string{}
		for _, s := range result.Dates[0].Sets {
			digests[i][s.Snapshot.Table] = s.Snapshot.Files[0].SHA256
			if s.Rejected.Table != "" {
				digests[i][s.Rejected.Table] = s.Rejected.Files[0].SHA256
			}
		}
	}
	if diff := cmp.Diff(digests[0], digests[1]); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestAgainGivesTheSameRows(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	for range 2 {
		if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
			t.Fatal(err)
		}
	}
	for _, set := range transform.Sets() {
		newest := find(t, l, set.Table(), day)
		first, err := l.Manifest(t.Context(), strings.Replace(newest.Path, "000002", "000001", 1))
		if err != nil || newest.Number != 2 {
			t.Fatalf("%s: number %d, %v", set.Name, newest.Number, err)
		}
		if diff := cmp.Diff(read(t, l, db, first), read(t, l, db, newest)); diff != "" {
			t.Errorf("%s (-first +second):\n%s", set.Name, diff)
		}
	}
}

func TestSubset(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	_, err := transform.Run(t.Context(), l, engine, plan(day, "enrollment"))
	if !errors.Is(err, lake.ErrNotFound) || fault.ClassOf(err) != fault.Unavailable {
		t.Fatalf("enrollment without course: %v", err)
	}
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	if _, err := transform.Run(t.Context(), l, engine, plan(day, "enrollment")); err != nil {
		t.Fatal(err)
	}
	if n := find(t, l, lake.Curated("course"), day).Number; n != 1 {
		t.Errorf("course has %d snapshots, want the 1 from before", n)
	}
	// A course that is gone from the raw tables leaves the committed enrollments hanging.
	put(t, l, db, "raw_canvas.course", day, "RAW9", strings.Split(university["raw_canvas.course"], "\n")[0])
	_, err = transform.Run(t.Context(), l, engine, plan(day, "course"))
	if err == nil || !strings.Contains(err.Error(), "curated/course enrollment_course_id_resolves: course_id of enrollment is in no row of course (1 row, such as canvas_id=102") {
		t.Errorf("got %v", err)
	}
}

func TestDryRun(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	p := plan(day)
	p.DryRun = true
	result, err := transform.Run(t.Context(), l, engine, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Dates) != 1 || len(result.Dates[0].Sets) != len(transform.Sets()) || len(result.Dates[0].Sets[0].Inputs) != 1 {
		t.Errorf("got %+v", result)
	}
	nothingCommitted(t, l, day)
}

func TestJobsTablesAreSets(t *testing.T) {
	var jobs, sets []string
	for _, j := range job.All() {
		jobs = append(jobs, j.Tables...)
	}
	for _, set := range transform.Sets() {
		sets = append(sets, set.Name)
	}
	slices.Sort(jobs)
	slices.Sort(sets)
	if diff := cmp.Diff(jobs, sets); diff != "" {
		t.Errorf("tables of the jobs and sets (-jobs +sets):\n%s", diff)
	}
}
