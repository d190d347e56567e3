package load

import (
	"fmt"
	"path"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// coherent returns an error if the snapshots do not fit each other: if one was made from a snapshot of a table
// that another was not made from, or that is not the one to load. A transform that was killed
// between two of its commits leaves such a date behind.
func (w jobSnapshots) coherent() error {
	type use struct{ manifest, by string }
	uses := map[string]use{} // by the directory of table and date
	for _, t := range w.tables {
		uses[path.Dir(t.lake.Path)] = use{t.lake.Path, "the one to load"}
	}
	for _, t := range w.tables {
		for _, in := range t.lake.Inputs {
			dir := path.Dir(in.Path)
			other, met := uses[dir]
			if met && other.manifest != in.Path {
				return fault.New(fault.Data, fmt.Sprintf("run transform --date %s again, without --tables, then load", w.date),
					fmt.Errorf("the curated tables of %s do not fit each other: %s was made from %s, but %s is %s",
						w.date, t.table.Name, in.Path, other.by, other.manifest))
			}
			uses[dir] = use{in.Path, "that of " + t.table.Name}
		}
	}
	return nil
}
