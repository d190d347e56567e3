package load_test

import (
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// TestOtherTerms loads a date that was asked for fewer terms than the one that the tables hold.
func TestOtherTerms(t *testing.T) {
	lk := openLake(t)
	scoped := func(d lake.Date, terms ...int64) {
		t.Helper()
		for _, name := range plan(d).Jobs[0].Tables {
			s, err := lk.Find(t.Context(), lake.Curated(name), d)
			if err != nil {
				t.Fatal(err)
			}
			s.Scope, s.Inputs = lake.Scope{"terms": terms}, nil
			if _, err := lk.Commit(t.Context(), s.Manifest); err != nil {
				t.Fatal(err)
			}
		}
	}
	u := first(10)
	u.commit(t, lk, day1)
	scoped(day1, 164, 165)
	u.courses, u.sections, u.enrollments, u.usage = u.courses[:5], u.sections[:5], u.enrollments[:10], u.usage[:10]
	u.commit(t, lk, day2)
	scoped(day2, 164, 165)
	cfg, _ := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	_, err := load.Run(t.Context(), lk, cfg, plan(day2))
	checkFault(t, err, fault.Data, "course from 10 to 5", "--accept-drop canvas_course_usage,course,course_section,enrollment")
	scoped(day2, 165)
	result, err := load.Run(t.Context(), lk, cfg, plan(day2))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range result.Loads[0].Tables {
		if table.Name == "course" && !strings.Contains(table.Lost, "terms changed from 164, 165 to 165; row limits not applied") {
			t.Errorf("course loses %q", table.Lost)
		}
	}
}
