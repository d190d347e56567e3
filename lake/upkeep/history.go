package upkeep

import (
	"context"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// history is what all manifests say, as far as a clean-up must know.
type history struct {
	tables []*tableHistory
	byDate map[tableDate]*dateHistory
	byPath map[string]*commit
	whole  map[*commit]bool // see isWhole; as far as it was asked
}

type tableDate struct {
	table lake.Table
	date  lake.Date
}

type tableHistory struct {
	table lake.Table
	dates []*dateHistory // oldest first
}

// dateHistory is the history of a table's date. It is without commits where only killed runs were at work.
type dateHistory struct {
	*dateObjects
	commits []*commit // lowest number first
	unclear *Finding  // why the date must be left alone
	expires bool      // the last commit is yet to be made: a removal
}

// newest returns the commit that is in force, nil if there is none.
func (d *dateHistory) newest() *commit {
	if len(d.commits) == 0 {
		return nil
	}
	return d.commits[len(d.commits)-1]
}

// live returns the snapshot that readers see, nil if there is none.
func (d *dateHistory) live() *commit {
	if c := d.newest(); c != nil && !c.removed {
		return c
	}
	return nil
}

// commit is what a manifest says.
type commit struct {
	manifestObject
	date        lake.Date
	removed     bool
	interval    bool
	at          time.Time // when it was made
	rows, bytes int64
	files       []string
	inputs      []string
	table       lake.Table
	run         lake.RunID
	together    []lake.Table
}

// readHistory reads all manifests.
func readHistory(ctx context.Context, l *lake.Lake, s *survey, progress func(done, total int64)) (*history, error) {
	h := &history{byDate: map[tableDate]*dateHistory{}, byPath: map[string]*commit{}, whole: map[*commit]bool{}}
	var all []*dateHistory
	for _, t := range s.tables {
		table := &tableHistory{table: t.table}
		for _, d := range t.dates {
			table.dates = append(table.dates, &dateHistory{dateObjects: d})
		}
		h.tables = append(h.tables, table)
		all = append(all, table.dates...)
	}
	done := counter(progress, len(all))
	err := each(ctx, all, func(ctx context.Context, i int) error {
		defer done()
		return all[i].read(ctx, l)
	})
	for _, d := range all {
		h.byDate[tableDate{d.table, d.date}] = d
		for _, c := range d.commits {
			h.byPath[c.Key] = c
		}
	}
	return h, err
}

func (d *dateHistory) read(ctx context.Context, l *lake.Lake) error {
	for i, m := range d.manifests {
		s, err := l.Manifest(ctx, m.Key)
		switch {
		case err == nil:
			d.commits = append(d.commits, newCommit(m, s.Manifest))
		case fault.ClassOf(err) != fault.Data:
			return err
		case i == len(d.manifests)-1:
			hint := "mend it as `course-inventory lake verify` tells, then clean up"
			return fault.New(fault.Data, hint, fmt.Errorf("what the snapshot needs is not known, nothing may be deleted: %w", err))
		default:
			found := note("superseded-manifest", m.Key, d.table, d.date, "it cannot be understood, so nothing of its date is deleted: %s", reason(m.Key, err))
			d.unclear = &found
		}
	}
	return nil
}

func newCommit(o manifestObject, m lake.Manifest) *commit {
	c := &commit{
		manifestObject: o, table: m.Table, date: m.Date, run: m.Run, together: m.Together, removed: m.Removed, interval: m.Interval != nil, at: later(o.Modified, m.FinishedAt),
		rows: m.Rows(), bytes: m.Bytes(),
	}
	for _, f := range m.Files {
		c.files = append(c.files, f.Path)
	}
	for _, in := range m.Inputs {
		c.inputs = append(c.inputs, in.Path)
	}
	return c
}

// needed returns the manifests that must stay, with their files, because a snapshot in force was made from them: directly, so that it can be
// made again, and within its own date also through others, so that a load can tell how current its sources were. Not through other
// dates: a curated table is made from its own snapshot of the day before, and that from the one before, back to the first.
func (h *history) needed() map[string]bool {
	needed, followed := map[string]bool{}, map[string]bool{}
	var follow func(c *commit)
	follow = func(c *commit) {
		for _, path := range c.inputs {
			needed[path] = true
			if in := h.byPath[path]; in != nil && in.date == c.date && !followed[path] {
				followed[path] = true
				follow(in)
			}
		}
	}
	for _, t := range h.tables {
		for _, d := range t.dates {
			if c := d.live(); c != nil {
				follow(c)
			}
		}
	}
	return needed
}
