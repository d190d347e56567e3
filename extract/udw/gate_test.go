package udw

import (
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestWarehouseForgets reads a warehouse that lost rows or values since the day before: refused, unless the loss is accepted.
func TestWarehouseForgets(t *testing.T) {
	const table = "raw/udw/course_section_dim"
	for name, test := range map[string]struct{ sql, want string }{
		"all rows":   {"DELETE FROM course_section_dim", table + ": 0 rows, "},
		"half":       {"DELETE FROM course_section_dim WHERE id % 2 = 0", " on 2026-02-03; at least "},
		"all values": {"UPDATE course_section_dim SET sis_source_id = NULL", table + ": sis_source_id has a value in 0 of "},
	} {
		t.Run(name, func(t *testing.T) {
			_, cfg, dsn := pour(t)
			l := extracttest.Lake(t)
			night := func(days int, accept ...string) error {
				plan := extracttest.Plan(openHasty(t, cfg), now.AddDate(0, 0, days))
				plan.Drop = drop.Rule{Max: 0.2, Accept: accept}
				_, err := extract.Run(t.Context(), l, plan)
				return err
			}
			if err := night(0); err != nil {
				t.Fatal(err)
			}
			exec(t, dsn, test.sql)
			err := night(1)
			if fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "2026-02-03") ||
				!strings.Contains(fault.HintOf(err), "--accept-drop course_section_dim") {
				t.Fatalf("%v (%s, %q)", err, fault.ClassOf(err), fault.HintOf(err))
			}
			d := lake.DateOf(now.AddDate(0, 0, 1))
			for _, raw := range []lake.Table{table, "raw/udw/unizin_metadata"} {
				if _, err := l.Find(t.Context(), raw, d); err == nil {
					t.Errorf("%s was committed", raw)
				}
			}
			if err := night(0); err == nil {
				t.Error("a second run of the same day lost as much")
			}
			if err := night(1, "course_section_dim"); err != nil {
				t.Fatal(err)
			}
			s, err := l.Find(t.Context(), table, d)
			if err != nil {
				t.Fatal(err)
			}
			accepted := false
			for _, c := range s.Checks {
				accepted = accepted || !c.Passed && c.Warning && strings.Contains(c.Detail, "accepted by --accept-drop")
			}
			if !accepted {
				t.Errorf("the manifest tells %v", s.Checks)
			}
			if err := night(1); err != nil {
				t.Errorf("what was accepted once is refused by a second run of the day: %v", err)
			}
		})
	}
}
