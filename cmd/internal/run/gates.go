package run

import (
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// WarnGates logs the gates that a snapshot did not pass, and returns what the report of the run says of rows that it lost.
func (e *Env) WarnGates(table lake.Table, date lake.Date, checks []lake.Check) (lost []string) {
	for _, c := range checks {
		if c.Passed {
			continue
		}
		e.Log.Warn("quality gate", "detail", c.Detail, "dt", date.String(), "table", table.Name(), "check", c.Name, "rows", c.Rows)
		if c.Name == drop.RowCount || strings.HasPrefix(c.Name, drop.Filled) {
			lost = append(lost, c.Detail)
		}
	}
	return lost
}
