package report

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

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
	moreRuns int
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
	for _, s := range c.Snapshots {
		f.tables[s.Table] = append(f.tables[s.Table], s)
	}
	if err := f.readManifests(ctx, l, lake.DateOf(o.Now).AddDays(-readDays)); err != nil {
		return nil, err
	}
	return f, f.readRuns(ctx, l)
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

// readRuns reads the records of the last runs.
func (f *facts) readRuns(ctx context.Context, l *lake.Lake) error {
	var ids []lake.RunID
	_, err := l.List(ctx, "_runs/", func(o lake.Object) {
		if p := lake.PlaceOf(o.Key); p.Kind == lake.RunObject {
			ids = append(ids, p.Run)
		}
	})
	if err != nil {
		return err
	}
	slices.SortFunc(ids, func(a, b lake.RunID) int { return strings.Compare(string(b), string(a)) })
	// Requests are added up over the days of the plots, a few runs each day.
	if most := plottedDays * 12; len(ids) > most {
		ids = ids[:most]
	}
	f.moreRuns = max(0, len(ids)-shownRuns)
	found := make([]lake.Run, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, id := range ids {
		group.Go(func() error {
			r, err := l.GetRun(ctx, id)
			found[i] = r
			return gone(err)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	f.runs = slices.DeleteFunc(found, func(r lake.Run) bool { return r.ID == "" })
	return nil
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
