package canvas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// maxFailures is the number of courses after which reading on is a waste: the trouble is a general one.
const maxFailures = 25

// missing collects the courses that could not be read after all attempts, over all tables of a run, and those
// that were deleted while it ran.
type missing struct {
	allowed int // QUALITY.max_missing_courses

	mu   sync.Mutex
	list map[int64]failure
	lost map[string]map[int64]bool // by table
	gone map[string][]int64        // by table
}

type failure struct {
	course int64
	table  string
	err    error
}

// add notes that a course cannot be read. It returns an error once reading on is a waste.
func (m *missing) add(ctx context.Context, table string, course int64, err error) error {
	if hopeless(ctx, err) {
		return err
	}
	m.mu.Lock()
	if m.list == nil {
		m.list, m.lost = map[int64]failure{}, map[string]map[int64]bool{}
	}
	if m.lost[table] == nil {
		m.lost[table] = map[int64]bool{}
	}
	m.lost[table][course] = true
	if _, known := m.list[course]; !known {
		m.list[course] = failure{course, table, err}
	}
	many := len(m.list) >= max(maxFailures, m.allowed+1)
	m.mu.Unlock()
	if many {
		return m.err()
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

// err returns an error that names the courses, nil if they are no more than allowed.
func (m *missing) err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.list) <= m.allowed {
		return nil
	}
	list := slices.SortedFunc(maps.Values(m.list), func(a, b failure) int { return cmp.Compare(a.course, b.course) })
	const shown = 10
	var courses, further []string
	odd, refused := 0, 0
	for i, one := range list {
		var no *noRoster
		switch {
		case errors.As(one.err, &no):
			refused++
		case fault.ClassOf(one.err) == fault.Data:
			odd++
		}
		if i < shown {
			courses = append(courses, fmt.Sprintf("course %d (%s): %v", one.course, one.table, one.err))
		} else {
			further = append(further, id(one.course))
		}
	}
	if len(further) > 0 {
		courses = append(courses, "courses "+strings.Join(further, ", "))
	}
	class := fault.Unavailable
	hint := "look at these courses in Canvas, and run the same command again: it asks only for what is missing. QUALITY.max_missing_courses tolerates a number of them, with their rows of the day before"
	switch len(list) {
	case refused:
		class, hint = fault.Permission, "the user of CANVAS.CANVAS_TOKEN may not see who is in these courses: ask for a role that may read the roster in all of them"
	case odd:
		class, hint = fault.Data, "Canvas answers in a form that this program does not know: has its interface changed?"
	}
	return fault.New(class, hint, fmt.Errorf("%s cannot be read: %s", plural(len(list), "course"), strings.Join(courses, "; ")))
}

// answered deals with the outcome of asking for one course: one that was deleted meanwhile has no rows, and one that
// cannot be read is noted.
func answered[T any](ctx context.Context, c *client, table string, course int64, rows []T, err error) ([]T, error) {
	if rest.NotFound(err) {
		gone, goneErr := c.deleted(ctx, table, course)
		if goneErr != nil || gone {
			return nil, goneErr
		}
	}
	if err != nil {
		return nil, c.missing.add(ctx, table, course, err)
	}
	tally.Of(ctx).Count(0, 1)
	return rows, nil
}

// deleted asks whether a course that was listed before is gone, and notes it.
func (c *client) deleted(ctx context.Context, table string, course int64) (bool, error) {
	_, err := rest.Do[struct{}](ctx, c.direct, rest.Request{Path: restPath + "courses/" + id(course)}, nil)
	if !rest.NotFound(err) {
		if err != nil && hopeless(ctx, err) {
			return false, err
		}
		return false, nil
	}
	tally.Of(ctx).Count(0, 1)
	c.missing.mu.Lock()
	defer c.missing.mu.Unlock()
	if c.missing.gone == nil {
		c.missing.gone = map[string][]int64{}
	}
	c.missing.gone[table] = append(c.missing.gone[table], course)
	return true, nil
}
