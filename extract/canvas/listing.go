package canvas

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// listing is what the course lists of the configured terms say.
type listing struct {
	courses []Course // as they came, term by term
	kept    []Course // those with students, each once, by id
	open    []Course // those of them in state available, which have a published page and activity
}

// fetchListing reads the lists of all terms. Its requests count for the table course, whichever table asked first.
func (c *client) fetchListing(ctx context.Context) (*listing, error) {
	ctx = tally.For(ctx, "course")
	lists := make([][]Course, len(c.canvas.TermIDs))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(c.workers)
	for i, term := range c.canvas.TermIDs {
		g.Go(func() (err error) {
			lists[i], err = c.coursesOf(gctx, term)
			if rest.NotFound(err) {
				err = fault.New(fault.Config, "check CANVAS.CANVAS_ACCOUNT_ID and CANVAS.CANVAS_TERM_IDS",
					fmt.Errorf("courses of term %d in account %d: %w", term, c.canvas.AccountID, err))
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	l := &listing{courses: slices.Concat(lists...)}
	l.keep()
	if repeated := len(l.courses) - distinct(l.courses); repeated > 0 {
		tally.Of(ctx).Note("The list changed while it was read: %d rows repeat a course of another page.", repeated)
	}
	return l, nil
}

func (l *listing) keep() {
	for _, c := range l.courses {
		if c.TotalStudents != nil && *c.TotalStudents > 0 {
			l.kept = append(l.kept, c)
		}
	}
	slices.SortStableFunc(l.kept, func(a, b Course) int { return cmp.Compare(a.ID, b.ID) })
	l.kept = slices.CompactFunc(l.kept, func(a, b Course) bool { return a.ID == b.ID })
	for _, c := range l.kept {
		if c.WorkflowState == "available" {
			l.open = append(l.open, c)
		}
	}
}

func distinct(courses []Course) int {
	seen := make(map[int64]struct{}, len(courses))
	for _, c := range courses {
		seen[c.ID] = struct{}{}
	}
	return len(seen)
}
