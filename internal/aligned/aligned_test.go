package aligned

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPrint shows the same rows on lines of different lengths; nothing of them is lost.
func TestPrint(t *testing.T) {
	rows := [][]string{
		{"table", "rows", "note"},
		{"curated/course", "1,234", "sixteen of the tabs are missing, and two answers are those of an earlier run"},
		{"curated/term", "2", ""},
	}
	for width, want := range map[int]string{
		0: `
table            rows  note
---------------------------
curated/course  1,234  sixteen of the tabs are missing, and two answers are those of an earlier run
curated/term        2
`,
		60: `
table            rows  note
---------------------------
curated/course  1,234  sixteen of the tabs are missing, and
                       two answers are those of an earlier
                       run
curated/term        2
`,
		40: `
curated/course
  rows 1,234, note sixteen of the tabs
  are missing, and two answers are those
  of an earlier run
curated/term
  rows 2
`,
	} {
		var out strings.Builder
		out.WriteString("\n")
		Print(&out, width, rows, "rows")
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", width, diff)
		}
	}
}
