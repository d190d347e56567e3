package report

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
)

// atOnce bounds the objects that are read at the same time.
const atOnce = 16

// facts are what the lake tells.
type facts struct {
	url      string
	tables   map[lake.Table][]lake.Snapshot // oldest first; those of the last days with all that their manifests say
	runs     []lake.Run                     // newest first
	problems []string
}

// collect reads the catalog, the manifests of the last days and the records of the last runs.
func collect(ctx context.Context, l *lake.Lake, o Options) (*facts, error) {
	c, err := catalog.Load(ctx, l)
	if err != nil {
		return nil, err
	}
	f := &facts{url: l.URL(), tables: map[lake.Table][]lake.Snapshot{}}
	for _, p := range c.Problems {
		f.problems = append(f.problems, p.Error()+". "+fault.HintOf(p))
	}
	today, future := lake.Today(o.Now), map[lake.Date]bool{}
	for _, s := range c.Snapshots {
		if today.Before(s.Date) {
			future[s.Date] = true
			continue
		}
		f.tables[s.Table] = append(f.tables[s.Table], s)
	}
	for _, d := range slices.SortedFunc(maps.Keys(future), lake.Date.Compare) {
		f.problems = append(f.problems, fmt.Sprintf("The lake holds %s, which is in the future and left out here. If the clock is right, course-inventory lake rm --after %s --yes takes it away.", d, today))
	}
	if err := f.readManifests(ctx, l, lake.DateOf(o.Now).AddDays(-readDays)); err != nil {
		return nil, err
	}
	f.runs, err = l.Runs(ctx, readRuns)
	f.runs = slices.DeleteFunc(f.runs, func(r lake.Run) bool { return r.StartedAt.Sub(o.Now) > clock.Tolerance }) // by a wrong clock
	for i, r := range f.runs {
		f.runs[i] = r.Judge(o.Now)
	}
	return f, err
}

// readManifests completes the snapshots since a date, and the newest one of each table.
func (f *facts) readManifests(ctx context.Context, l *lake.Lake, since lake.Date) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, snapshots := range f.tables {
		for i := range snapshots {
			if snapshots[i].Date.Before(since) && i < len(snapshots)-1 {
				continue
			}
			group.Go(func() error {
				s, err := l.Manifest(ctx, snapshots[i].Path)
				if err == nil {
					snapshots[i] = s
				}
				return gone(err)
			})
		}
	}
	return group.Wait()
}

// gone passes over objects that were cleaned up since they were listed, or cannot be read as what they are.
func gone(err error) error {
	if errors.Is(err, lake.ErrNotFound) || fault.ClassOf(err) == fault.Data {
		return nil
	}
	return err
}

// sorted returns the tables of an area in the order of their names.
func (f *facts) sorted(area string) []lake.Table {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(f.tables)), func(t lake.Table) bool { return !strings.HasPrefix(string(t), area) })
}

// newest returns the newest snapshot of a table and the one before it.
func (f *facts) newest(t lake.Table) (newest, before *lake.Snapshot) {
	all := f.tables[t]
	if len(all) > 0 {
		newest = &all[len(all)-1]
	}
	if len(all) > 1 {
		before = &all[len(all)-2]
	}
	return newest, before
}
