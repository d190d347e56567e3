package extract_test

import (
	"context"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// retyped is row with an id of another type.
type retyped struct {
	ID        string    `parquet:"id"`
	FetchedAt time.Time `parquet:"fetched_at,timestamp(microsecond)"`
}

func TestSchemaDrift(t *testing.T) {
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	seeing := func(answer string) func(context.Context) iter.Seq2[row, error] {
		return func(ctx context.Context) iter.Seq2[row, error] {
			tally.Of(ctx).Objects([]byte(answer), "")
			return count(1, nil)(ctx)
		}
	}
	other := extract.NewTable("other", nil, count(3, nil))
	extractOn := func(day int, table extract.Table, accept ...string) (extract.Result, error) {
		p := extracttest.Plan(source(other, table), now.AddDate(0, 0, day))
		p.AcceptTypeChange = accept
		return extract.Run(t.Context(), l, p)
	}
	if _, err := extractOn(0, extract.NewTable("one", nil, seeing(`[{"id":1,"old":true}]`))); err != nil {
		t.Fatal(err)
	}
	result, err := extractOn(1, extract.NewTable("one", nil, seeing(`[{"id":1,"new":"x"}]`)))
	if err != nil {
		t.Fatal(err)
	}
	want := []lake.Drift{{Of: "source", Name: "new", Change: "added", To: "string"}, {Of: "source", Name: "old", Change: "lost", From: "boolean"}}
	s, err := l.Find(t.Context(), "raw/test/one", lake.DateOf(now).AddDays(1))
	if err != nil {
		t.Fatal(err)
	}
	for place, got := range map[string][]lake.Drift{"result": result.Tables[1].Drift, "manifest": s.Drift} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", place, diff)
		}
	}

	rows := func(context.Context) iter.Seq2[retyped, error] {
		return func(yield func(retyped, error) bool) { yield(retyped{"1", now}, nil) }
	}
	if _, err := extractOn(2, extract.NewTable("one", nil, rows)); fault.ClassOf(err) != fault.Data {
		t.Errorf("a column of another type: %v", err)
	}
	for _, table := range []lake.Table{"raw/test/one", "raw/test/other"} {
		if s, err := l.Find(t.Context(), table, lake.DateOf(now).AddDays(2)); err == nil {
			t.Errorf("%s was committed", s.Path)
		}
	}
	if parts, err := filepath.Glob(filepath.Join(l.Dir(), "raw/test/*/dt="+lake.DateOf(now).AddDays(2).String()+"/*/part-*")); err != nil || len(parts) > 0 {
		t.Errorf("files left: %v, %v", parts, err)
	}
	if _, err := extractOn(2, extract.NewTable("one", nil, rows), "one"); err != nil {
		t.Errorf("accepted: %v", err)
	}
}
