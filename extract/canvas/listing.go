package canvas

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// listing is what the course lists of the configured terms say, as far as they have been read. Several tables need it and
// begin before it is complete: who has got to its end reads the next page, of any term that nobody is reading.
type listing struct {
	c *client

	mu       sync.Mutex
	lists    []*termList
	courses  []*Course // as they came
	kept     []*Course // those with students, each once
	open     []*Course // those of them in state available, which have a published page and activity
	seen     map[int64]bool
	students map[int64]bool
	changed  chan struct{}
}

// termList is the list of one term.
type termList struct {
	term  int64
	pager *rest.Pager[[]apiCourse]
	busy  bool // somebody is reading a page
	again bool // the list is read a second time, as courses were missing from it
}

func (c *client) newListing() *listing {
	l := &listing{c: c, seen: map[int64]bool{}, students: map[int64]bool{}, changed: make(chan struct{})}
	for _, term := range c.canvas.TermIDs {
		l.lists = append(l.lists, &termList{term: term, pager: c.coursesOf(term)})
	}
	return l
}

// Parts of the listing.
func (l *listing) all() []*Course          { return l.courses }
func (l *listing) withStudents() []*Course { return l.kept }
func (l *listing) available() []*Course    { return l.open }

// each yields the courses of a part, in no order, while the list is being read.
func (l *listing) each(ctx context.Context, part func(*listing) []*Course) iter.Seq2[*Course, error] {
	return func(yield func(*Course, error) bool) {
		for i := 0; ; i++ {
			course, more, err := l.at(ctx, part, i)
			if err != nil {
				yield(nil, err)
				return
			}
			if !more || !yield(course, nil) {
				return
			}
		}
	}
}

// whole returns a part when all lists have been read.
func (l *listing) whole(ctx context.Context, part func(*listing) []*Course) ([]*Course, error) {
	var courses []*Course
	for course, err := range l.each(ctx, part) {
		if err != nil {
			return nil, err
		}
		courses = append(courses, course)
	}
	return courses, nil
}

// length returns how many courses of a part are known so far.
func (l *listing) length(part func(*listing) []*Course) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(part(l))
}

// at returns the i-th course of a part, after reading on as long as it is not there.
func (l *listing) at(ctx context.Context, part func(*listing) []*Course, i int) (course *Course, more bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if courses := part(l); i < len(courses) {
			return courses[i], true, nil
		}
		free, ended := l.free()
		switch {
		case ended:
			return nil, false, nil
		case free != nil:
			err = l.read(ctx, free)
		default:
			err = l.wait(ctx)
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// free returns a list that goes on and that nobody is reading, and whether all have ended.
func (l *listing) free() (free *termList, ended bool) {
	ended = true
	for _, t := range l.lists {
		if t.busy || t.pager.More() {
			ended = false
		}
		if free == nil && !t.busy && t.pager.More() {
			free = t
		}
	}
	return free, ended
}

// wait gives the mutex away until something has changed.
func (l *listing) wait(ctx context.Context) error {
	changed := l.changed
	l.mu.Unlock()
	defer l.mu.Lock()
	select {
	case <-changed:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// read reads a page, with the mutex given away. Its request counts for the table course, whichever table asked. A failure is
// not kept: it ends the run of who met it, and with it that of all others.
func (l *listing) read(ctx context.Context, t *termList) error {
	t.busy = true
	l.mu.Unlock()
	ctx = tally.For(ctx, courseTable)
	if t.again {
		ctx = memo.With(ctx, nil) // the answers of before are what is doubted
	}
	page, err := t.pager.Next(ctx)
	var rows []*Course
	if err == nil {
		rows, err = l.c.rowsOf(ctx, page)
	}
	again := t.again
	if err == nil && !t.pager.More() {
		err = l.prove(ctx, t)
	}
	l.mu.Lock()
	t.busy = false
	close(l.changed)
	l.changed = make(chan struct{})
	if rest.NotFound(err) {
		return fault.New(fault.Config, "check CANVAS.CANVAS_ACCOUNT_ID and CANVAS.CANVAS_TERM_IDS",
			fmt.Errorf("courses of term %d in account %d: %w", t.term, l.c.canvas.AccountID, err))
	}
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !again || !l.seen[row.ID] {
			l.take(row)
		}
	}
	return nil
}

// prove holds a list that was read to its end against the number of courses that Canvas counts. If some are missing, the list is
// to be read again, once: courses may have been made meanwhile.
func (l *listing) prove(ctx context.Context, t *termList) error {
	counted, told, err := l.c.countCourses(ctx, t.term)
	switch read := t.pager.Distinct(); {
	case err != nil:
		return err
	case !told:
		tally.Of(ctx).Note("This Canvas does not count the courses of term %d: that its list is complete rests on its pages alone.", t.term)
	case read >= counted:
	case t.again:
		return fmt.Errorf("courses of term %d: %w", t.term, l.c.lists.Incomplete(l.c.coursesRequest(t.term, "total_students"), read, counted))
	default:
		t.again, t.pager = true, l.c.coursesOf(t.term)
	}
	return nil
}

// take sorts a course in. Of a course that is met twice the first row with students counts.
func (l *listing) take(c *Course) {
	l.courses = append(l.courses, c)
	l.seen[c.ID] = true
	if c.TotalStudents == nil || *c.TotalStudents == 0 || l.students[c.ID] {
		return
	}
	l.students[c.ID] = true
	l.kept = append(l.kept, c)
	if c.WorkflowState == "available" {
		l.open = append(l.open, c)
	}
}

// repeated returns how many rows repeat a course of another page.
func (l *listing) repeated() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.courses) - len(l.seen)
}
