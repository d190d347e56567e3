package upkeep

import (
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// isWhole reports whether the run of a commit has committed all tables that it commits together, or a later run has. A run that was killed in
// between leaves newest snapshots that [lake.Lake.Together] passes over, so that those below must stay.
func (h *history) isWhole(c *commit) bool {
	if whole, known := h.whole[c]; known {
		return whole
	}
	whole := true
	for _, t := range c.together {
		whole = whole && (t == c.table || h.hasCommitted(t, c))
	}
	h.whole[c] = whole
	return whole
}

// hasCommitted reports whether the run of c has also committed the table t, or a later run has with all its own.
func (h *history) hasCommitted(t lake.Table, c *commit) bool {
	d, there := h.byDate[tableDate{t, c.date}]
	if !there {
		return false
	}
	for _, other := range d.commits {
		if other.run == c.run || other.run > c.run && h.isWhole(other) {
			return true
		}
	}
	return false
}

// replacements returns for each commit of a date the nearest later one that readers take instead, nil if there is none: a removal, or a snapshot
// of a run that was not killed between its tables.
func (h *history) replacements(d *dateHistory) []*commit {
	by := make([]*commit, len(d.commits))
	var nearest *commit
	for i := len(d.commits) - 1; i >= 0; i-- {
		by[i] = nearest
		if c := d.commits[i]; c.removed || i > 0 && h.isWhole(c) {
			nearest = c
		}
	}
	return by
}
