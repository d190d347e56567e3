package nightly

import (
	"slices"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// TestEverySourceRuns finds jobs that need a source which the nightly run does not extract.
func TestEverySourceRuns(t *testing.T) {
	run := map[string]bool{}
	for _, x := range extracts() {
		run[x.Source] = true
	}
	for _, j := range job.All() {
		for _, s := range j.Sources {
			if !run[s.Name] {
				t.Errorf("job %s needs source %s, which is not in extracts()", j.Name, s.Name)
			}
		}
	}
}

// TestLoadedColumns holds the columns that the load expects against those that the transform makes.
func TestLoadedColumns(t *testing.T) {
	sets := map[string]transform.Set{}
	for _, s := range transform.Sets() {
		sets[s.Name] = s
	}
	for _, table := range load.Tables() {
		set, found := sets[table.Name]
		if !found {
			t.Errorf("nothing makes table %s", table.Name)
		}
		for _, c := range table.Columns {
			made := func(m lake.Column) bool {
				return m.Name == c.Name && m.Type == c.Type && m.Nullable == c.Nullable
			}
			if !slices.ContainsFunc(set.Columns, made) {
				t.Errorf("column %s of %s: the transform makes no %s, nullable %t", c.Name, table.Name, c.Type, c.Nullable)
			}
		}
	}
}
