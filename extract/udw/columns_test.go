package udw

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestColumnsComeAndGo(t *testing.T) {
	_, cfg, dsn := pour(t)
	l := extracttest.Lake(t)
	night := func(at time.Time) lake.Manifest {
		t.Helper()
		s, err := open(cfg, extract.Env{Now: func() time.Time { return at }}, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := extract.Run(t.Context(), l, extracttest.Plan(s, at)); err != nil {
			t.Fatal(err)
		}
		m, err := l.Find(t.Context(), "raw/udw/course_section_dim", lake.DateOf(at))
		if err != nil {
			t.Fatal(err)
		}
		return m.Manifest
	}
	exec(t, dsn, "ALTER TABLE course_section_dim ADD COLUMN odd text")
	if m := night(now); m.Drift != nil || len(m.SourceFields) < 10 {
		t.Errorf("the first night: drift %v of %v", m.Drift, m.SourceFields)
	}
	exec(t, dsn, "ALTER TABLE course_section_dim DROP COLUMN odd, ADD COLUMN extra timestamptz, ALTER COLUMN name TYPE text")
	want := []lake.Drift{
		{Of: "source", Name: "extra", Change: "added", To: "timestamptz"},
		{Of: "source", Name: "name", Change: "type", From: "varchar", To: "text"},
		{Of: "source", Name: "odd", Change: "lost", From: "text"},
	}
	if diff := cmp.Diff(want, night(now.AddDate(0, 0, 1)).Drift); diff != "" {
		t.Errorf("the next night (-want +got):\n%s", diff)
	}
}
