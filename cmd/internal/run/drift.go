package run

import "github.com/tl-its-umich-edu/course-inventory/lake"

// WarnDrift logs how a table's schema differs from its snapshot before.
func (e *Env) WarnDrift(table lake.Table, date lake.Date, drift []lake.Drift) {
	for _, d := range drift {
		e.Log.Warn("schema drift", "table", table.Name(), "dt", date.String(),
			"of", d.Of, "name", d.Name, "change", d.Change, "from", d.From, "to", d.To)
	}
}
