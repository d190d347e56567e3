package canvas

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// roster reads the enrollments of many courses. Its workers take pages from one queue, as many to a request as
// fit; what a page leads to, and pages whose request failed, come back to it.
type roster struct {
	c         *client
	queue     *queue
	counting  atomic.Int32 // how this GraphQL counts people, a [counting]
	reread    atomic.Int64 // courses read again by REST
	short     atomic.Int64 // courses that proved to have fewer people than were counted
	answered  atomic.Bool  // GraphQL has answered for some course
	failed    atomic.Int64 // courses that it does not answer for
	instead   atomic.Int64 // those of them that REST gave
	uncertain atomic.Int64 // courses of which only the students were counted
	emit      func([]Enrollment) error
	planned   int // pages that no planned request is for
}

func newRoster(c *client) *roster {
	return &roster{c: c, queue: newQueue(min(max(1, c.canvas.GraphQLBatch), maxBatch))}
}

// read emits the rows of every course, each course at once. Courses that cannot be read do not stop the others.
func (r *roster) read(ctx context.Context, courses iter.Seq2[*Course, error], emit func([]Enrollment) error) error {
	r.emit = emit
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer r.queue.close()
		for course, err := range courses {
			if err != nil {
				return err
			}
			tally.Of(ctx).Expect(1)
			if err := r.begin(ctx, newSeats(course).first(maxBatch), r.queue.put); err != nil {
				return err
			}
		}
		return nil
	})
	for range r.c.workers {
		g.Go(func() error {
			for {
				batch, err := r.queue.take(ctx)
				if err != nil || batch == nil {
					return err
				}
				if err := r.ask(ctx, batch); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}

// begin puts a page into the queue, or goes on after it if an interrupted run has read it.
func (r *roster) begin(ctx context.Context, s *slot, put func(*slot)) error {
	a, kept, ok := memo.Recall[*apiRosterCourse](ctx, r.key(s))
	if !ok || a.check(s.course.ID) != nil {
		if s.cursor == "" {
			r.planned += 1 + int(*s.course.TotalStudents)/pageRows
		}
		if r.planned >= r.queue.most {
			tally.Of(ctx).Plan(1)
			r.planned -= r.queue.most
		}
		put(s)
		return nil
	}
	tally.Of(ctx).Recalled(kept.At)
	next, through := s.add(a, fetched(kept.At))
	for _, s := range next {
		if err := r.begin(ctx, s, func(s *slot) { r.queue.more(s) }); err != nil {
			return err
		}
	}
	if through {
		return r.complete(ctx, s.seats)
	}
	return nil
}

func (r *roster) key(s *slot) string {
	return memo.Key("roster", r.c.direct.Base, strconv.FormatInt(s.course.ID, 10), s.cursor)
}

// ask sends one request for a batch and deals with every page in it. An error ends the whole run.
func (r *roster) ask(ctx context.Context, batch []*slot) error {
	var wanted []*slot
	for _, s := range batch {
		if s.useless() {
			if err := r.through(ctx, s, s.skip()); err != nil {
				return err
			}
			continue
		}
		wanted = append(wanted, s)
	}
	if len(wanted) == 0 {
		return nil
	}
	if !r.answered.Load() && r.failed.Load() >= maxFailures {
		why := fault.New(fault.Unavailable, "see whether Canvas' GraphQL is up, then run the same command again", errors.New("GraphQL does not answer for any course"))
		for _, s := range wanted {
			if err := r.fail(ctx, s, why); err != nil {
				return err
			}
		}
		return nil
	}
	pages, err := r.rosterPages(ctx, wanted)
	var uncounted *uncountedError
	switch {
	case errors.As(err, &uncounted):
		r.queue.back(wanted...)
		return nil
	case err != nil:
		return r.halve(ctx, wanted, err)
	}
	r.queue.went(true, len(wanted))
	at := r.c.now()
	for i, s := range wanted {
		switch page, err := pages[i].course, pages[i].err; {
		case err != nil && len(wanted) > 1:
			s.share = 1
			r.queue.back(s)
		case err != nil:
			if err := r.fail(ctx, s, err); err != nil {
				return err
			}
		default:
			r.answered.Store(true)
			memo.Keep(ctx, r.key(s), at, "", page)
			next, through := s.add(page, fetched(at))
			r.queue.more(next...)
			if err := r.through(ctx, s, through); err != nil {
				return err
			}
		}
	}
	return nil
}
