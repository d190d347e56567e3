package kaltura

import (
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// odd are the entries that were left out, because they lack what a row needs.
type odd struct {
	ids      map[string]bool
	nameless map[int64]int // entries without an id, by the second at which the list has them
	count    int64
}

func newOdd() *odd { return &odd{map[string]bool{}, map[int64]int{}, 0} }

// add notes an entry with an id.
func (o *odd) add(t *tally.Table, id, why string) {
	o.ids[id] = true
	o.count++
	t.LeftOut("entry "+rest.Clean(id, ""), why)
}

// addNameless notes entries without ids of one page, by second. The next page begins with the last second again, so that only more of
// them than before are others. It returns how many are.
func (o *odd) addNameless(t *tally.Table, page map[int64][]string) (fresh int64) {
	for second, names := range page {
		for _, name := range names[min(len(names), o.nameless[second]):] {
			t.LeftOut(name, "id: missing")
			fresh++
		}
		o.nameless[second] = max(o.nameless[second], len(names))
	}
	o.count += fresh
	return fresh
}

// mayBe tells whether a known entry may be one of those that were left out.
func (o *odd) mayBe(id string) bool { return o.ids[id] || len(o.nameless) > 0 }

// namelessAfter names an entry without an id by the one before it.
func namelessAfter(id string) string {
	if id == "" {
		return "an entry without an id at the beginning of a page"
	}
	return fmt.Sprintf("an entry without an id, after entry %s", rest.Clean(id, ""))
}
