package transform_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

var update = flag.Bool("update", false, "write what the models yield to testdata")

// TestGolden runs every set on the inputs in testdata/<set>/<input>.jsonl and compares its rows with want.jsonl, the
// rows that it rejects with want.rejected.jsonl, and its checks that did not pass with want.checks.txt.
func TestGolden(t *testing.T) {
	for _, set := range transform.Sets() {
		t.Run(set.Name, func(t *testing.T) {
			l, db := openLake(t), openDuckDB(t)
			dir := filepath.Join("testdata", set.Name)
			for _, in := range set.Inputs {
				rows, err := os.ReadFile(filepath.Join(dir, in.Name+".jsonl"))
				if err != nil {
					t.Fatal(err)
				}
				d := day
				if strings.HasPrefix(in.Name, "previous.") {
					d = day.AddDays(-1)
				}
				put(t, l, db, in.Name, d, "RAW", string(rows))
			}
			p := plan(day, set.Name)
			p.Drop.Max = 1
			if _, err := transform.Run(t.Context(), l, engine, p); err != nil {
				t.Fatal(err)
			}
			s := find(t, l, set.Table(), day)
			golden(t, filepath.Join(dir, "want.jsonl"), read(t, l, db, s))
			if set.Rejects {
				golden(t, filepath.Join(dir, "want.rejected.jsonl"), read(t, l, db, find(t, l, set.Table().Rejected(), day)))
			}
			golden(t, filepath.Join(dir, "want.checks.txt"), unpassed(s.Checks))
		})
	}
}

func unpassed(checks []lake.Check) string {
	var b strings.Builder
	for _, c := range checks {
		if !c.Passed {
			fmt.Fprintf(&b, "%s (%d rows): %s\n", c.Name, c.Rows, c.Detail)
			for _, e := range c.Examples {
				b.WriteString("\t" + e + "\n")
			}
		}
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
