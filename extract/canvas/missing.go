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

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
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

// settle ends a table with the rows that the courses which are missing from it had in the earlier snapshot. Whether so many
// missing ones are tolerated shows when all tables have been read.
func settle[T any](ctx context.Context, c *client, table string, earlier extract.Earlier[T], courseOf func(T) int64, yield func(T, error) bool) {
	var zero T
	c.missing.mu.Lock()
	lost, gone := maps.Clone(c.missing.lost[table]), slices.Sorted(slices.Values(c.missing.gone[table]))
	c.missing.mu.Unlock()
	count := tally.Of(ctx)
	if len(gone) > 0 {
		count.Note("%s deleted while this ran: %s.", plural(len(gone), "course"), ids(gone))
	}
	if len(lost) == 0 {
		return
	}
	had, carried := map[int64]bool{}, int64(0)
	for row, err := range earlier.Rows() {
		if err != nil {
			yield(zero, fmt.Errorf("rows of the day before, of courses that cannot be read: %w", err))
			return
		}
		if course := courseOf(row); lost[course] {
			had[course] = true
			carried++
			if !yield(row, nil) {
				return
			}
		}
	}
	count.Carry(carried)
	courses := slices.Sorted(maps.Keys(lost))
	detail := plural(len(courses), "course") + " could not be read"
	if len(had) > 0 {
		detail += fmt.Sprintf("; the rows of %s stand in for %d of them", earlier.Date, len(had))
	}
	check := lake.Check{Name: "missing_courses", Passed: true, Warning: true, Detail: detail, Rows: carried}
	for _, course := range courses {
		check.Examples = append(check.Examples, id(course))
	}
	count.Check(check)
	count.Note("%s: %s.", detail, ids(courses))
	c.direct.Log.Warn("courses are missing", "table", table, "courses", courses, "rows_of_the_day_before", carried)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// ids lists course ids in a note.
func ids(courses []int64) string {
	texts := make([]string, len(courses))
	for i, course := range courses {
		texts[i] = id(course)
	}
	return strings.Join(texts, ", ")
}
