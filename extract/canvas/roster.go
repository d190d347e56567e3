package canvas

import (
	"context"
	"errors"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// roster reads the enrollments of many courses. Its workers take courses from one
// queue, as many to a request as fit; courses with more pages, and those whose request failed, come back to it.
type roster struct {
	c        *client
	queue    *queue
	failures failures
	reread   atomic.Int64 // courses read again by REST
	short    atomic.Int64 // courses with fewer students than the list had counted
}

// seats is one course on its way through the queue.
type seats struct {
	course   Course
	share    int    // courses that a request with this one may have at most; 1: alone
	cursor   string // where the next page begins
	rows     []Enrollment
	seen     map[int64]struct{}
	repeated bool // a row came twice, so others are missing
	stuck    bool // the pages run in a circle
}

func newRoster(c *client, courses []Course) *roster {
	batch := min(max(1, c.canvas.GraphQLBatch), maxBatch)
	r := &roster{c: c, queue: newQueue(len(courses))}
	for i := len(courses) - 1; i >= 0; i-- { // taken from the end
		r.queue.put(&seats{course: courses[i], share: batch, seen: map[int64]struct{}{}})
	}
	return r
}

// read emits the rows of every course, each course at once. Courses that cannot be read do not stop the others, so that
// the error names them all.
func (r *roster) read(ctx context.Context, emit func([]Enrollment) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for range r.c.workers {
		g.Go(func() error {
			for {
				batch, err := r.queue.take(ctx)
				if err != nil || batch == nil {
					return err
				}
				if err := r.ask(ctx, batch, emit); err != nil {
					return err
				}
			}
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return r.failures.err()
}

// ask sends one request for a batch and deals with every course in it. An error ends the whole run.
func (r *roster) ask(ctx context.Context, batch []*seats, emit func([]Enrollment) error) error {
	pages, err := r.c.rosterPages(ctx, batch)
	if err != nil {
		return r.failed(ctx, batch, err)
	}
	for i, s := range batch {
		page, err := pages[i].page, pages[i].err
		switch {
		case err != nil && len(batch) > 1:
			s.share = 1
			r.queue.put(s)
			continue
		case err != nil:
			if err := r.fail(ctx, s, err); err != nil {
				return err
			}
			continue
		}
		if s.add(page, r.c); s.cursor != "" {
			r.queue.put(s)
			continue
		}
		if err := r.complete(ctx, s, emit); err != nil {
			return err
		}
	}
	return nil
}

// failed deals with a request that brought nothing: its courses are tried again in halves.
func (r *roster) failed(ctx context.Context, batch []*seats, err error) error {
	if hopeless(ctx, err) {
		return err
	}
	if len(batch) == 1 {
		return r.fail(ctx, batch[0], err)
	}
	for _, s := range batch {
		s.share = (len(batch) + 1) / 2
		r.queue.put(s)
	}
	return nil
}

// hopeless tells whether other courses would fare no better.
func hopeless(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	var refused *noRoster
	class := fault.ClassOf(err)
	return !errors.As(err, &refused) && class != fault.Unavailable && class != fault.Data
}

// fail notes that a course cannot be read.
func (r *roster) fail(ctx context.Context, s *seats, err error) error {
	if hopeless(ctx, err) {
		return err
	}
	tally.Of(ctx).Done(1)
	r.queue.done()
	return r.failures.add(s.course.ID, err)
}

// complete emits the rows of a course, after reading it another way where they do not add up.
func (r *roster) complete(ctx context.Context, s *seats, emit func([]Enrollment) error) error {
	listed := *s.course.TotalStudents
	if s.repeated || s.stuck || students(s.rows) < listed {
		rows, err := r.c.rosterByREST(ctx, s)
		if err != nil {
			return r.fail(ctx, s, err)
		}
		s.rows = rows
		r.reread.Add(1)
	}
	found := students(s.rows)
	if found < listed {
		r.short.Add(1)
	}
	count := tally.Of(ctx)
	count.Count(listed, found)
	if err := emit(s.rows); err != nil {
		return err
	}
	count.Done(1)
	r.queue.done()
	return nil
}

// add takes in a page.
func (s *seats) add(page *apiConnection, c *client) {
	at := c.fetchedAt()
	for _, n := range *page.Nodes {
		e := n.row(s.course.ID, at)
		if _, again := s.seen[e.ID]; again {
			s.repeated = true
			continue
		}
		s.seen[e.ID] = struct{}{}
		s.rows = append(s.rows, e)
	}
	before := s.cursor
	s.cursor = ""
	if !*page.PageInfo.HasNextPage || s.repeated { // a repeated row means REST, so the rest need not be read
		return
	}
	if page.PageInfo.EndCursor == nil || *page.PageInfo.EndCursor == "" || *page.PageInfo.EndCursor == before {
		s.stuck = true
		return
	}
	s.cursor = *page.PageInfo.EndCursor
}
