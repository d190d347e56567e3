package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// runReaders is how many records of runs are read at once.
const runReaders = 32

// Runs returns the records of the runs, the newest first, at most so many; 0 means all. One that cannot be read as what it is, or is
// cleaned up meanwhile, is left out.
func (l *Lake) Runs(ctx context.Context, most int) ([]Run, error) {
	return l.runs(ctx, "", most)
}

// RunsSince returns the records of the runs that started at a time or later, the newest first.
func (l *Lake) RunsSince(ctx context.Context, start time.Time) ([]Run, error) {
	var first ulid.ULID // the least of its millisecond
	if err := first.SetTime(ulid.Timestamp(start)); err != nil {
		return nil, fmt.Errorf("records of runs since %s: %w", start, err)
	}
	return l.runs(ctx, RunID(first.String()), 0)
}

// runs returns the records of the runs whose id is at least first, as [Lake.Runs] does.
func (l *Lake) runs(ctx context.Context, first RunID, most int) ([]Run, error) {
	var ids []RunID
	if _, err := l.List(ctx, runArea, func(o Object) {
		if p := PlaceOf(o.Key); p.Kind == RunObject && p.Run >= first {
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
