package diff

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// Kind says what became of a row.
type Kind int

// The kinds.
const (
	End     Kind = iota // there are no more rows
	Same                // the row is as it was
	Added               // only the new snapshot has the row
	Removed             // only the old one has it
	Changed             // both have the key, with different values
)

// String returns the kind in lower case.
func (k Kind) String() string {
	return [...]string{"end", "same", "added", "removed", "changed"}[k]
}

// Counts are numbers of rows.
type Counts struct {
	Old, New                int64 // all rows of each snapshot
	Added, Removed, Changed int64
}

// Differ reports whether any row does.
func (c Counts) Differ() bool { return c.Added+c.Removed+c.Changed > 0 }

// Merge walks the rows of two snapshots side by side, in the order of their key.
type Merge struct {
	Old, New *rows.Reader
	Counts   Counts // of the rows so far

	keys, pairs      [][2]int // indices of cells in Old and New: of the key, of the other columns that both have
	stepOld, stepNew bool     // which of them to move first
	hasOld, hasNew   bool
}

// NewMerge returns a merge of two readers that were opened with the same key. Of the columns, those are compared that both
// have by the same name and type. The caller closes the readers.
func NewMerge(before, after *rows.Reader) (*Merge, error) {
	m := &Merge{Old: before, New: after, stepOld: true, stepNew: true}
	if len(before.Key()) == 0 || len(before.Key()) != len(after.Key()) {
		return nil, errors.New("rows of two snapshots without a common key")
	}
	for i, k := range after.Key() {
		o, n := before.Columns()[before.Key()[i]], after.Columns()[k]
		if o.Name != n.Name || o.Type != n.Type {
			return nil, fault.New(fault.Data, "compare snapshots that were made by the same version of their producer",
				fmt.Errorf("the key was %s %s and is %s %s", o.Name, o.Type, n.Name, n.Type))
		}
		m.keys = append(m.keys, [2]int{before.Key()[i], k})
	}
	for i, n := range after.Columns() {
		for j, o := range before.Columns() {
			if o.Name == n.Name && o.Type == n.Type && !slices.Contains(after.Key(), i) {
				m.pairs = append(m.pairs, [2]int{j, i})
			}
		}
	}
	return m, nil
}

// Next moves to the next row of either snapshot and says what became of it. The row that it tells of is
// current in New, if it is Removed in Old, and otherwise, if it is not Added, in both.
func (m *Merge) Next() (Kind, error) {
	var err error
	if m.stepOld {
		if m.hasOld, err = m.Old.Next(); err != nil {
			return End, fmt.Errorf("old snapshot: %w", err)
		}
	}
	if m.stepNew {
		if m.hasNew, err = m.New.Next(); err != nil {
			return End, fmt.Errorf("new snapshot: %w", err)
		}
	}
	order := 0
	switch {
	case !m.hasOld && !m.hasNew:
		m.stepOld, m.stepNew = false, false
		return End, nil
	case !m.hasOld:
		order = 1
	case !m.hasNew:
		order = -1
	default:
		order = compare(m.Old.Cells(), m.New.Cells(), m.keys)
	}
	m.stepOld, m.stepNew = order <= 0, order >= 0
	if m.stepOld {
		m.Counts.Old++
	}
	if m.stepNew {
		m.Counts.New++
	}
	switch {
	case order < 0:
		m.Counts.Removed++
		return Removed, nil
	case order > 0:
		m.Counts.Added++
		return Added, nil
	case compare(m.Old.Cells(), m.New.Cells(), m.pairs) != 0:
		m.Counts.Changed++
		return Changed, nil
	}
	return Same, nil
}

func compare(before, after []*rows.Cell, pairs [][2]int) int {
	for _, p := range pairs {
		if order := before[p[0]].Compare(after[p[1]]); order != 0 {
			return order
		}
	}
	return 0
}
