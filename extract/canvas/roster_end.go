package canvas

import (
	"context"
	"errors"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// through ends a page, and with the last one its course.
func (r *roster) through(ctx context.Context, s *slot, course bool) error {
	if course {
		if err := r.complete(ctx, s.seats); err != nil {
			return err
		}
	}
	r.queue.done()
	return nil
}

// halve deals with a request that brought nothing: its pages are tried again in halves.
func (r *roster) halve(ctx context.Context, batch []*slot, err error) error {
	if hopeless(ctx, err) || rest.StatusOf(err) != 0 && withheld(err) { // refused is GraphQL itself, no course
		return err
	}
	if len(batch) == 1 {
		return r.fail(ctx, batch[0], err)
	}
	r.queue.went(false, len(batch))
	for _, s := range batch {
		s.share = (len(batch) + 1) / 2
	}
	r.queue.back(batch...)
	return nil
}

// fail deals with a page that GraphQL does not give: unless its course was deleted meanwhile, it is read by REST.
func (r *roster) fail(ctx context.Context, s *slot, err error) error {
	defer r.queue.done()
	if hopeless(ctx, err) {
		return err
	}
	if !s.fail() {
		return nil
	}
	var null *nullCourse
	if errors.As(err, &null) {
		gone, why := r.c.deleted(ctx, enrollmentTable, s.course.ID)
		if gone {
			tally.Of(ctx).Done(1)
			return nil
		}
		if why != nil {
			return r.lose(ctx, s.seats, why)
		}
	}
	r.failed.Add(1)
	other := newSeats(s.course) // other pages of the course may still be on their way
	if rest := r.prove(ctx, other); rest != nil {
		if hopeless(ctx, rest) {
			return rest
		}
		return r.lose(ctx, other, fmt.Errorf("%w; GraphQL, which was asked before: %w", rest, err))
	}
	r.instead.Add(1)
	return r.finish(ctx, other)
}

func (r *roster) lose(ctx context.Context, s *seats, err error) error {
	defer tally.Of(ctx).Done(1)
	return r.c.missing.add(ctx, enrollmentTable, s.course.ID, err)
}

// complete emits the rows of a course, after proving them where they do not add up.
func (r *roster) complete(ctx context.Context, s *seats) error {
	if s.odd || s.isShort() {
		r.reread.Add(1)
		if err := r.prove(ctx, s); err != nil {
			if hopeless(ctx, err) {
				return err
			}
			return r.lose(ctx, s, err)
		}
	}
	return r.finish(ctx, s)
}

// finish emits the rows of a course.
func (r *roster) finish(ctx context.Context, s *seats) error {
	count := tally.Of(ctx)
	if !s.counted() {
		r.uncertain.Add(1)
	}
	s.noteOdd(count)
	count.Count(s.counts())
	if err := r.emit(s.rows); err != nil {
		return err
	}
	count.Done(1)
	return nil
}
