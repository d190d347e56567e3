package tally

import (
	"strconv"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

func TestTooManyLeft(t *testing.T) {
	for _, test := range []struct {
		left int
		rows int64
		many bool
	}{{0, 0, false}, {1, 0, false}, {10, 0, false}, {11, 0, true}, {11, 98, true}, {11, 99, false}, {100, 900, false}, {101, 900, true}} {
		var table Table
		for i := range test.left {
			table.LeftOut("entry "+strconv.Itoa(i), "createdAt: missing")
		}
		if err := table.TooManyLeft(test.rows); (err != nil) != test.many || err != nil && fault.ClassOf(err) != fault.Data {
			t.Errorf("%d left out beside %d rows: %v", test.left, test.rows, err)
		}
		if s := table.Snapshot(); len(s.Checks) != min(1, test.left) || len(s.Notes) != min(1, test.left) {
			t.Errorf("%d left out: checks %+v, notes %q", test.left, s.Checks, s.Notes)
		}
	}
}
