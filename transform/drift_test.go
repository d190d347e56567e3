package transform_test

import (
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

func TestTypeChangeStopsTheCommit(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW1", nil)
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	// As an earlier version of the program may have written it.
	old := find(t, l, lake.Curated("term"), day).Manifest
	for i := range old.Columns {
		if old.Columns[i].Name == "name" {
			old.Columns[i].Type = lake.BigInt
		}
	}
	if _, err := l.Commit(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	next := day.AddDays(1)
	fill(t, l, db, next, "RAW2", nil)
	p := plan(next)
	if _, err := transform.Run(t.Context(), l, engine, p); fault.ClassOf(err) != fault.Data {
		t.Errorf("got %v (class %s)", err, fault.ClassOf(err))
	}
	nothingCommitted(t, l, next)
	p.AcceptTypeChange = []string{"term"}
	result, err := transform.Run(t.Context(), l, engine, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range result.Dates[0].Sets {
		if want := s.Set == "term"; (len(s.Snapshot.Drift) == 1) != want {
			t.Errorf("%s: drift %v", s.Set, s.Snapshot.Drift)
		}
	}
}
