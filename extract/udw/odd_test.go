package udw

import (
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestOddTimes reads sections whose times no file and no table can hold, of columns that no table needs: they are NULL and noted.
func TestOddTimes(t *testing.T) {
	_, cfg, dsn := pour(t)
	exec(t, dsn,
		"UPDATE course_section_dim SET created_at = 'infinity' WHERE id = (SELECT MIN(id) FROM course_section_dim)",
		"UPDATE course_section_dim SET updated_at = '-infinity' WHERE id = (SELECT MIN(id) FROM course_section_dim)",
		"UPDATE course_section_dim SET created_at = '12025-01-01' WHERE id = (SELECT MAX(id) FROM course_section_dim)",
		"UPDATE course_section_dim SET updated_at = '0044-03-15 BC' WHERE id = (SELECT MAX(id) FROM course_section_dim)",
		"ALTER TABLE course_section_dim ALTER COLUMN enrollment_term_id TYPE numeric",
		"UPDATE course_section_dim SET enrollment_term_id = 99999999999999999999 WHERE id = (SELECT MAX(id) FROM course_section_dim)",
	)
	l, p := extracttest.Lake(t), extracttest.Plan(openHasty(t, cfg), now)
	p.Tables = []string{"course_section_dim"}
	if _, err := extract.Run(t.Context(), l, p); err != nil {
		t.Fatal(err)
	}
	m, err := l.Find(t.Context(), lake.Raw("udw", "course_section_dim"), lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	if m.Checks[0].Name != "unreadable_values" || m.Checks[0].Rows != 5 || len(m.Checks[0].Examples) != 5 {
		t.Errorf("checks %+v", m.Checks)
	}
	odd := 0
	for _, row := range extracttest.Rows[Section](t, l, "raw/udw/course_section_dim", lake.DateOf(now)) {
		if row.CreatedAt == nil && row.UpdatedAt == nil {
			odd++
		}
	}
	if odd != 2 {
		t.Errorf("%d rows without times", odd)
	}
}

// TestOddSections reads sections with ids and texts that no column can hold: they are NULL and named, and every other row is there.
func TestOddSections(t *testing.T) {
	_, cfg, dsn := pour(t)
	exec(t, dsn,
		"ALTER TABLE course_section_dim ALTER COLUMN canvas_id TYPE numeric",
		"UPDATE course_section_dim SET canvas_id = 99999999999999999999 WHERE id = (SELECT MAX(id) FROM course_section_dim)",
		"UPDATE course_section_dim SET canvas_id = 1.5 WHERE id = (SELECT MIN(id) FROM course_section_dim)",
	)
	l, p := extracttest.Lake(t), extracttest.Plan(openHasty(t, cfg), now)
	p.Tables = []string{"course_section_dim"}
	result, err := extract.Run(t.Context(), l, p)
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Find(t.Context(), lake.Raw("udw", "course_section_dim"), lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Checks) != 2 || m.Checks[0].Name != "unreadable_values" || m.Checks[0].Rows != 2 {
		t.Errorf("checks %+v", m.Checks)
	}
	rows := extracttest.Rows[Section](t, l, "raw/udw/course_section_dim", lake.DateOf(now))
	odd := 0
	for _, row := range rows {
		if row.CanvasID == nil && row.ID != nil && row.Name != nil {
			odd++
		}
	}
	if odd < 2 || int64(len(rows)) != result.Tables[0].Rows || len(rows) < 10 {
		t.Errorf("%d odd rows of %d", odd, len(rows))
	}
}
