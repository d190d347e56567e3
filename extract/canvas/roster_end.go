package canvas

import (
	"cmp"
	"context"
	"errors"

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

// failed deals with a request that brought nothing: its pages are tried again in halves.
func (r *roster) failed(ctx context.Context, batch []*slot, err error) error {
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

// fail deals with a page that cannot be read, and with it its course: unless it was deleted meanwhile, it is missing.
func (r *roster) fail(ctx context.Context, s *slot, err error) error {
	defer r.queue.done()
	if hopeless(ctx, err) {
		return err
	}
	if !s.fail() {
		return nil
	}
	return r.lose(ctx, s.seats, err)
}

func (r *roster) lose(ctx context.Context, s *seats, err error) error {
	defer tally.Of(ctx).Done(1)
	var null *nullCourse
	if errors.As(err, &null) {
		gone, why := r.c.deleted(ctx, enrollmentTable, s.course.ID)
		if gone {
			return nil
		}
		err = cmp.Or(why, err)
	}
	return r.c.missing.add(ctx, enrollmentTable, s.course.ID, err)
}

// complete emits the rows of a course, after proving them where they do not add up.
func (r *roster) complete(ctx context.Context, s *seats) error {
	if s.odd || s.isShort() {
		if err := r.prove(ctx, s); err != nil {
			if hopeless(ctx, err) {
				return err
			}
			return r.lose(ctx, s, err)
		}
	}
	count := tally.Of(ctx)
	count.Count(s.counts())
	if err := r.emit(s.rows); err != nil {
		return err
	}
	count.Done(1)
	return nil
}
