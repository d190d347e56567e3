package transform_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

func TestFailedGateCommitsNothing(t *testing.T) {
	big := strings.Repeat("😀", 513)
	for name, test := range map[string]struct {
		rows   map[string]string
		before bool // a day before with all rows
		want   []string
	}{
		"fewer rows than the day before": {without("raw_canvas.enrollment"), true,
			[]string{"curated/enrollment row_count: 0 rows, 3 on 2026-02-28; at least 3 are expected"}},
		"a name that is too long": {map[string]string{"raw_canvas.enrollment": `{"id":100,"course_id":10,"section_id":5,"section_name":"` + big + `","user_id":7,"state":"active","type":"StudentEnrollment","fetched_at":"2026-03-01T04:00:00Z"}`}, false,
			[]string{"curated/course_section name_length", "(1 rows, such as canvas_id=5 "}},
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
	p.To, p.MaxDrop = day.AddDays(1), 1
	if _, err := transform.Run(t.Context(), l, engine, p); err != nil {
		t.Fatal(err)
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
	if err == nil || !strings.Contains(err.Error(), "curated/course enrollment_course_id_resolves: course_id of enrollment is in no row of course (1 rows, such as canvas_id=102") {
		t.Errorf("got %v", err)
	}
}

func TestMissingInput(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	_, err := transform.Run(t.Context(), l, engine, plan(day))
	if !errors.Is(err, lake.ErrNotFound) || fault.ClassOf(err) != fault.Unavailable || fault.HintOf(err) == "" {
		t.Errorf("empty lake: %v, hint %q", err, fault.HintOf(err))
	}
	fill(t, l, db, day, "RAW", nil)
	fill(t, l, db, day.AddDays(3), "RAW", nil)
	p := plan(day.AddDays(-1))
	p.To = day.AddDays(4)
	result, err := transform.Run(t.Context(), l, engine, p)
	if err != nil {
		t.Fatal(err)
	}
	if want := []lake.Date{day.AddDays(-1), day.AddDays(1), day.AddDays(2), day.AddDays(4)}; !slices.Equal(result.Skipped, want) {
		t.Errorf("skipped %v, want %v", result.Skipped, want)
	}
	put(t, l, db, "raw_canvas.term", day.AddDays(1), "RAW", "")
	_, err = transform.Run(t.Context(), l, engine, p)
	if !errors.Is(err, lake.ErrNotFound) || !strings.Contains(err.Error(), "raw/canvas/course for 2026-03-02") {
		t.Errorf("a date with some of its inputs: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	l := openLake(t)
	backwards := plan(day)
	backwards.To = day.AddDays(-1)
	for _, p := range []transform.Plan{{}, backwards, plan(day, "enrolment")} {
		if _, err := transform.Run(t.Context(), l, engine, p); fault.ClassOf(err) != fault.Usage {
			t.Errorf("plan %+v: %v", p, err)
		}
	}
}

func TestDamagedInput(t *testing.T) {
	db := openDuckDB(t)
	t.Run("bytes", func(t *testing.T) {
		l := openLake(t)
		fill(t, l, db, day, "RAW", nil)
		s := find(t, l, lake.Raw("canvas", "enrollment"), day)
		name := filepath.Join(strings.TrimPrefix(l.URL(), "file://"), s.Files[0].Path)
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = transform.Run(t.Context(), l, engine, plan(day))
		if fault.ClassOf(err) != fault.Data || !strings.Contains(fmt.Sprint(err), "raw_canvas.enrollment") {
			t.Errorf("got %v", err)
		}
		nothingCommitted(t, l, day)
	})
	t.Run("shape", func(t *testing.T) {
		l := openLake(t)
		fill(t, l, db, day, "RAW", nil)
		file := filepath.Join(t.TempDir(), "x.parquet")
		exec(t, db, "COPY (SELECT 'ten' AS id, 'x' AS name, now() AS fetched_at) TO '"+file+"' (FORMAT parquet)")
		commitFile(t, l, lake.Raw("canvas", "account"), day, "RAW2", file, []lake.Column{{Name: "id", Type: lake.Varchar}, {Name: "name", Type: lake.Varchar}, {Name: "fetched_at", Type: lake.Timestamp}})
		_, err := transform.Run(t.Context(), l, engine, plan(day))
		for _, want := range []string{`column "id" is VARCHAR, expected BIGINT`, `column "sis_account_id" is missing`} {
			if fault.ClassOf(err) != fault.Data || !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
		nothingCommitted(t, l, day)
	})
}

func TestCancel(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	for _, at := range []transform.Progress{{Date: day, Step: "stage"}, {Date: day, Set: "enrollment", Step: "model"}, {Date: day, Set: "enrollment", Step: "check"}, {Date: day, Step: "commit"}} {
		ctx, cancel := context.WithCancel(t.Context())
		p := plan(day)
		p.WorkDir = t.TempDir()
		p.Progress = func(now transform.Progress) {
			if now == at {
				cancel()
			}
		}
		_, err := transform.Run(ctx, l, engine, p)
		if fault.ClassOf(err) != fault.Interrupted {
			t.Errorf("cancelled at %v: %v", at, err)
		}
		nothingCommitted(t, l, day)
		if entries, err := os.ReadDir(p.WorkDir); err != nil || len(entries) > 0 {
			t.Errorf("cancelled at %v, left behind: %v, %v", at, entries, err)
		}
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

func TestMixedRunsAreNoticed(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW1", nil)
	put(t, l, db, "raw_canvas.course", day, "RAW2", university["raw_canvas.course"])
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	if got := unpassed(find(t, l, lake.Curated("course"), day).Checks); !strings.Contains(got, "inputs_same_run (0 rows): the raw_canvas tables come from 2 runs") {
		t.Errorf("got %s", got)
	}
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

func TestWriteCSV(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := transform.WriteCSV(t.Context(), l, engine, day, nil, dir); !errors.Is(err, lake.ErrNotFound) {
		t.Errorf("before the transform: %v", err)
	}
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "course.csv"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := transform.WriteCSV(t.Context(), l, engine, day, nil, dir)
	if err != nil || len(files) != len(transform.Sets()) {
		t.Fatalf("files %v: %v", files, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "course.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want := `canvas_id,sis_id,name,account_id,term_id,created_at,published_at,workflow_state
10,,"a, ""b""",1,164,2025-11-02T10:00:00Z,2026-01-05T10:00:00Z,available
12,,second,1,164,,,completed
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("course.csv (-want +got):\n%s", diff)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != len(files) {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
