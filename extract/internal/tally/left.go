package tally

import (
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// left are the items that lack what their rows need, and have no row.
type left struct {
	count    int64
	examples []string
}

const (
	maxLeft      = 10 // items that any table may leave out
	maxLeftShare = 10 // per cent of its items that a large table may leave out
	maxLeftNamed = 25
)

// LeftOut says that an item, such as tab 5 of course 7, has no row, and why.
func (t *Table) LeftOut(item, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left.count++
	if len(t.left.examples) < maxLeftNamed {
		t.left.examples = append(t.left.examples, item+": "+why)
	}
}

// TooManyLeft returns an error if more items were left out than odd ones explain: then the source has another form than is known.
func (t *Table) TooManyLeft(rows int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.left.count
	if n <= maxLeft || n*100 <= (rows+n)*maxLeftShare {
		return nil
	}
	return fault.New(fault.Data, "look at these in the source: has its form changed?",
		fmt.Errorf("%s of %d cannot be read, such as %s", quantity.Of(int(n), "item"), rows+n, strings.Join(t.left.examples, "; ")))
}

// tell adds the note and the warning that a manifest shows.
func (l left) tell(s *State) {
	if l.count == 0 {
		return
	}
	detail := quantity.Of(int(l.count), "item") + " could not be read and left out"
	s.Checks = append(s.Checks, lake.Check{Name: "items_left_out", Warning: true, Detail: detail, Rows: l.count, Examples: l.examples})
	s.Notes = append(s.Notes, detail+": "+strings.Join(l.examples, "; ")+".")
}
