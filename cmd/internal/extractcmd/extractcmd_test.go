package extractcmd

import (
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestReport tells what was committed from what was not and from what would be.
func TestReport(t *testing.T) {
	result := extract.Result{Tables: []extract.TableResult{
		{Table: lake.Raw("canvas", "term"), Rows: 2, Snapshot: "m"},
		{Table: lake.Raw("canvas", "course"), Notes: []string{"odd"}},
	}}
	for _, c := range []struct {
		dry    bool
		noRows bool
		notes  [2]string
	}{
		{false, true, [2]string{"", "not committed; odd"}},
		{true, false, [2]string{"would be read and committed", "would be read and committed; odd"}},
	} {
		lines := (&Extract{}).report(&run.Env{DryRun: c.dry}, "extract-canvas", result).Lines
		if got := [2]string{lines[0].Note, lines[1].Note}; got != c.notes || lines[0].NoRows || lines[1].NoRows != c.noRows {
			t.Errorf("dry run %t: %+v", c.dry, lines)
		}
	}
}
