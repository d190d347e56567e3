package lake

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// runReaders is how many records of runs are read at once.
const runReaders = 32

// Runs returns the records of the runs, the newest first, at most so many; 0 means all. One that cannot be read as what it is, or is
// cleaned up meanwhile, is left out.
func (l *Lake) Runs(ctx context.Context, most int) ([]Run, error) {
	var ids []RunID
	if _, err := l.List(ctx, runArea, func(o Object) {
		if p := PlaceOf(o.Key); p.Kind == RunObject {
			ids = append(ids, p.Run)
		}
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(ids, func(a, b RunID) int { return strings.Compare(string(b), string(a)) })
	if most > 0 && len(ids) > most {
		ids = ids[:most]
	}
	runs := make([]Run, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runReaders)
	for i, id := range ids {
		group.Go(func() (err error) {
			runs[i], err = l.GetRun(ctx, id)
			if errors.Is(err, ErrNotFound) || fault.ClassOf(err) == fault.Data {
				return nil
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(runs, func(r Run) bool { return r.ID == "" }), nil
}
