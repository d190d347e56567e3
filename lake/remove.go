package lake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// ErrChanged reports that another manifest of a table and date was committed meanwhile. Test with errors.Is.
var ErrChanged = errors.New("another run committed meanwhile")

// Removal says who removes a snapshot, or brings it back, and why.
type Removal struct {
	Run            RunID
	ToolVersion    string
	SimulatedClock bool
	At             time.Time
	Reason         string // a sentence for readers, without a full stop
}

// Remove makes the date of s, its newest snapshot, one without a snapshot: it commits the next number, which says removed and
// names no files. [Lake.Restore] takes it back, and so does any later commit. Nothing is deleted. If s is not the
// newest any more, the error is [ErrChanged].
func (l *Lake) Remove(ctx context.Context, s Snapshot, r Removal) (Snapshot, error) {
	newest, err := l.newest(ctx, s.Table, s.Date)
	if err != nil {
		return Snapshot{}, err
	}
	if newest != s.Number {
		return Snapshot{}, changed(s.Table, s.Date)
	}
	return l.commitNumber(ctx, Manifest{
		Table: s.Table, Date: s.Date, Number: s.Number + 1, Run: r.Run, ToolVersion: r.ToolVersion, SimulatedClock: r.SimulatedClock,
		Removed: true, Columns: s.Columns, Key: s.Key, StartedAt: r.At.UTC(), FinishedAt: r.At.UTC(), Notes: []string{r.Reason},
	})
}

// RemovalOf returns the manifest that removed a date, and the newest snapshot from before it. If the date is not removed, the error is of
// class Usage; where a clean-up has deleted the snapshot, it is of class Data.
func (l *Lake) RemovalOf(ctx context.Context, t Table, d Date) (removal, before Snapshot, err error) {
	newest, err := l.newest(ctx, t, d)
	if err != nil {
		return Snapshot{}, Snapshot{}, err
	}
	if newest > 0 {
		if removal, err = l.Manifest(ctx, t.manifestKey(d, newest)); err != nil {
			return Snapshot{}, Snapshot{}, err
		}
	}
	if !removal.Removed {
		return Snapshot{}, Snapshot{}, fault.New(fault.Usage, "only what was removed can be restored", fmt.Errorf("%s for %s is not removed", t, d))
	}
	before, err = l.removedBy(ctx, removal)
	return removal, before, err
}

// Restore brings back what was removed: it commits the newest snapshot from before the removal again, under the next number. Where a
// clean-up has deleted it or its files, the error is of class Data.
func (l *Lake) Restore(ctx context.Context, t Table, d Date, r Removal) (Snapshot, error) {
	removal, old, err := l.RemovalOf(ctx, t, d)
	if err != nil {
		return Snapshot{}, err
	}
	m := old.Manifest
	m.Number = removal.Number + 1
	m.Notes = append(m.Notes[:len(m.Notes):len(m.Notes)], r.Reason)
	restored, err := l.commitNumber(ctx, m)
	if err != nil {
		return Snapshot{}, err
	}
	// A clean-up deletes a manifest before it looks again at what the newest one needs, and its files only then. So if
	// the manifest is still there, the clean-up will see this commit and keep the files.
	_, err = l.Manifest(ctx, old.Path)
	for _, f := range old.Files {
		if err == nil {
			_, err = l.Footer(ctx, f)
		}
	}
	if err == nil {
		return restored, nil
	}
	r.Reason = "its files are not there any more"
	if _, again := l.Remove(context.WithoutCancel(ctx), restored, r); again != nil {
		err = errors.Join(err, again)
	}
	if fault.ClassOf(err) == fault.Data {
		err = gone(t, d, err)
	}
	return Snapshot{}, err
}

// removedBy returns the newest snapshot below a removal.
func (l *Lake) removedBy(ctx context.Context, removal Snapshot) (Snapshot, error) {
	t, d := removal.Table, removal.Date
	highest := 0
	err := l.list(ctx, t.dir(d), func(name string, e store.Entry) {
		if n := manifestNumber(name); !e.Dir && n < removal.Number {
			highest = max(highest, n)
		}
	})
	if err != nil {
		return Snapshot{}, err
	}
	if highest == 0 {
		return Snapshot{}, gone(t, d, errors.New("no manifest is left of it"))
	}
	s, err := l.Manifest(ctx, t.manifestKey(d, highest))
	if err == nil && s.Removed {
		return l.removedBy(ctx, s)
	}
	return s, err
}

// commitNumber commits m under the number that it says, or returns [ErrChanged] if that is taken.
func (l *Lake) commitNumber(ctx context.Context, m Manifest) (Snapshot, error) {
	if err := m.validate(); err != nil {
		return Snapshot{}, err
	}
	committed, err := l.claim(ctx, m)
	if errors.Is(err, store.ErrExists) {
		return Snapshot{}, changed(m.Table, m.Date)
	}
	if err != nil {
		return Snapshot{}, fmt.Errorf("commit: %w", err)
	}
	return committed, nil
}

// isRemoved reports whether the manifest of that number, the newest of its date, is a removal. The first of a date never is, which
// spares reading it; neither is one that cannot be understood, which whoever looks for the date will be told.
func (l *Lake) isRemoved(ctx context.Context, t Table, d Date, number int) (bool, error) {
	if number < 2 {
		return false, nil
	}
	s, err := l.Manifest(ctx, t.manifestKey(d, number))
	if fault.ClassOf(err) == fault.Data {
		return false, nil
	}
	return s.Removed, err
}

func removedError(s Snapshot) error {
	return fault.New(fault.Unavailable, fmt.Sprintf("bring it back with `course-inventory lake rm --undo %s %s --yes`, run the stage that makes it, or choose another date", s.Table, s.Date),
		fmt.Errorf("%s for %s was removed at %s by run %s: %w", s.Table, s.Date, s.FinishedAt.Format(time.RFC3339), s.Run, ErrNotFound))
}

func changed(t Table, d Date) error {
	return fault.New(fault.Temporary, "look at the date again and run the same command again", fmt.Errorf("%s for %s: %w", t, d, ErrChanged))
}

func gone(t Table, d Date, err error) error {
	return fault.New(fault.Data, "its files were cleaned up: run the stage that makes the date", fmt.Errorf("restore %s for %s: %w", t, d, err))
}
