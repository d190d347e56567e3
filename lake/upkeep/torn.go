package upkeep

import (
	"context"
	"errors"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
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

// torn takes note of a run that committed only some of the tables that it commits together, once for all of them.
func (v *verifier) torn(ctx context.Context, s *lake.Snapshot) error {
	type runDate struct {
		run  lake.RunID
		date lake.Date
	}
	if _, seen := v.joined.LoadOrStore(runDate{s.Run, s.Date}, true); seen || len(s.Together) == 0 {
		return nil
	}
	_, torn, err := v.lake.Together(ctx, s.Date, s.Together)
	if fault.ClassOf(err) == fault.Data || errors.Is(err, lake.ErrNewerFormat) {
		return nil // a finding of that manifest
	}
	if err != nil || !slices.Contains(torn, s.Run) {
		return err
	}
	run, err := v.runs.get(ctx, s.Run)
	if err != nil || run.Judge(v.options.Now).Status == lake.Running {
		return err
	}
	n := note("torn-run", "_runs/"+string(s.Run)+".json", "", s.Date, "the run %s committed only some of the tables %v", s.Run, s.Together)
	n.Remedy = "readers of all of them pass over what it committed; run that stage again for the date"
	v.found.add(n)
	return nil
}
