package load_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// TestHalfTransformed commits the first tables of a date anew, as a transform does that is killed between two commits.
func TestHalfTransformed(t *testing.T) {
	db, conn := database(t)
	l := openLake(t)
	u := first(3)
	u.commit(t, l, day1)
	mustLoad(t, l, db, plan(day1))

	run := lake.NewRunID(time.Now())
	raw := commitRows(t, l, lake.Raw("canvas", "term"), day1, run, u.terms, canvasTime, nil, "canvas_id")
	terms := commitRows(t, l, lake.Curated("term"), day1, run, u.terms, time.Time{}, []lake.Input{raw.Input()}, "canvas_id")
	u.courses[0].Name = "Renamed"
	commitRows(t, l, lake.Curated("course"), day1, run, u.courses, time.Time{}, []lake.Input{terms.Input()}, "canvas_id")
	_, err := load.Run(t.Context(), l, db, plan(day1))
	if fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), "do not fit each other") || !strings.Contains(fault.HintOf(err), "run transform --date "+day1.String()) {
		t.Errorf("%v (%s)", err, fault.HintOf(err))
	}
	var names int
	if err := conn.QueryRow("SELECT COUNT(*) FROM course WHERE name = 'Renamed'").Scan(&names); err != nil || names != 0 {
		t.Errorf("%d courses have the name of the half-made date, %v", names, err)
	}

	u.commit(t, l, day1)
	mustLoad(t, l, db, plan(day1))
}
