package standing

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// readers is how many records are read at once.
const readers = 32

// Runs returns the records of the runs, the newest first, at most so many; 0 means all. One that cannot be read is left out: a run
// may be writing it.
func (l *Lake) Runs(ctx context.Context, most int) ([]lake.Run, error) {
	var ids []lake.RunID
	if _, err := l.List(ctx, "_runs/", func(o lake.Object) {
		if p := lake.PlaceOf(o.Key); p.Kind == lake.RunObject {
			ids = append(ids, p.Run)
		}
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(ids, func(a, b lake.RunID) int { return strings.Compare(string(b), string(a)) })
	if most > 0 && len(ids) > most {
		ids = ids[:most]
	}
	runs := make([]lake.Run, len(ids))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i, id := range ids {
		g.Go(func() error {
			r, err := l.GetRun(ctx, id)
			if err == nil {
				runs[i] = r
			}
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(runs, func(r lake.Run) bool { return r.ID == "" }), nil
}
