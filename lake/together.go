package lake

import (
	"context"
	"errors"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Together returns the snapshots of several tables of a date, chosen so that they fit each other: the newest of each whose run
// has committed every table that its manifest says it commits together. So a run that was killed between two commits, or is
// between them just now, is passed over as a whole. Where a table has no other snapshot, its newest is taken all the same. torn
// names such runs, passed over or taken, in order. A table without a snapshot is not among the found.
//
// A table counts as committed also where a later run committed it with all its own: then a clean-up may
// have deleted what the run itself committed.
func (l *Lake) Together(ctx context.Context, d Date, tables []Table) (found map[Table]Snapshot, torn []RunID, err error) {
	g := gathering{lake: l, date: d, numbers: map[Table][]int{}, manifests: map[string]Snapshot{}, whole: map[RunID]bool{}}
	found = map[Table]Snapshot{}
	for _, t := range tables {
		s, err := g.choose(ctx, t)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return nil, nil, err
		default:
			found[t] = s
		}
	}
	for run, whole := range g.whole {
		if !whole {
			torn = append(torn, run)
		}
	}
	slices.Sort(torn)
	return found, torn, nil
}

// gathering sees each table's commits and decides about each run once, so that commits meanwhile cannot make it choose
// one table as of before them and another as of after.
type gathering struct {
	lake      *Lake
	date      Date
	numbers   map[Table][]int // descending
	manifests map[string]Snapshot
	whole     map[RunID]bool
}

func (g *gathering) choose(ctx context.Context, t Table) (Snapshot, error) {
	var newest *Snapshot
	for s, err := range g.commits(ctx, t) {
		if err != nil {
			return Snapshot{}, err
		}
		if newest == nil {
			newest = &s
		}
		whole, err := g.isWhole(ctx, s)
		if err != nil {
			return Snapshot{}, err
		}
		if s.Removed {
			break
		}
		if whole {
			return s, nil
		}
	}
	if newest == nil || newest.Removed {
		return Snapshot{}, ErrNotFound
	}
	return *newest, nil
}

// isWhole reports whether a snapshot's run has committed all that it commits together.
func (g *gathering) isWhole(ctx context.Context, s Snapshot) (bool, error) {
	if whole, known := g.whole[s.Run]; known {
		return whole, nil
	}
	whole := true
	for _, t := range s.Together {
		has := t == s.Table
		for other, err := range g.commits(ctx, t) {
			if has || fault.ClassOf(err) == fault.Data { // a damaged manifest is told to who asks for its table
				break
			}
			if err != nil {
				return false, err
			}
			if other.Run < s.Run {
				continue
			}
			if has = other.Run == s.Run; !has {
				if has, err = g.isWhole(ctx, other); err != nil {
					return false, err
				}
			}
		}
		whole = whole && has
	}
	g.whole[s.Run] = whole
	return whole, nil
}

// commits yields the manifests of a table, the newest first. It ends at the first error, which it yields.
func (g *gathering) commits(ctx context.Context, t Table) func(yield func(Snapshot, error) bool) {
	return func(yield func(Snapshot, error) bool) {
		numbers, known := g.numbers[t]
		if !known {
			err := g.lake.list(ctx, t.dir(g.date), func(name string, e store.Entry) {
				if n := manifestNumber(name); n > 0 && !e.Dir {
					numbers = append(numbers, n)
				}
			})
			if err != nil {
				yield(Snapshot{}, err)
				return
			}
			slices.Sort(numbers)
			slices.Reverse(numbers)
			g.numbers[t] = numbers
		}
		for _, n := range numbers {
			key := t.manifestKey(g.date, n)
			s, known := g.manifests[key]
			if !known {
				var err error
				if s, err = g.lake.Manifest(ctx, key); err != nil {
					yield(Snapshot{}, err)
					return
				}
				g.manifests[key] = s
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}
