package tally

import (
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// unread are the values that could not be read and are NULL.
type unread struct {
	count    int64
	examples []string
}

// maxExamples is how many of them are named.
const maxExamples = 5

// Unread says that a field of an item, such as course 5, came with a value that cannot be read and is NULL.
func (t *Table) Unread(field, item, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unread.count++
	if len(t.unread.examples) < maxExamples {
		t.unread.examples = append(t.unread.examples, fmt.Sprintf("%s of %s: %s", field, item, value))
	}
}

// tell adds the note and the warning that a manifest shows.
func (u unread) tell(s *State) {
	if u.count == 0 {
		return
	}
	detail := quantity.Of(int(u.count), "value") + " could not be read and became NULL"
	s.Checks = append(s.Checks, lake.Check{Name: "unreadable_values", Warning: true, Detail: detail, Rows: u.count, Examples: u.examples})
	s.Notes = append(s.Notes, detail+", such as "+strings.Join(u.examples, "; ")+".")
}
