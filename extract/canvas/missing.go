package canvas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
)

const oddHint = "look at it in Canvas: it answers in a form that this program does not know: has its interface changed?"

// maxFailures is the number of courses after which reading on is a waste: the trouble is a general one.
const maxFailures = 25

// missing collects the courses that could not be read after all attempts, over all tables of a run, and those
// that were deleted while it ran.
type missing struct {
	allowed int // QUALITY.max_missing_courses

	mu   sync.Mutex
	list map[item]failure
	lost map[string]map[int64]bool // by table
	gone map[string][]int64        // by table
}

// item is what is missing: a course, whatever its table, an account or a term.
type item struct {
	kind string
	id   int64
}

// kindOf says what the items of a table are.
func kindOf(table string) string {
	if table == accountTable || table == termTable {
		return table
	}
	return courseTable
}

type failure struct {
	item
	table string
	err   error
}

// lacks tells whether an item is missing from a table.
func (m *missing) lacks(table string, id int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lost[table][id]
}

// add notes that a course cannot be read. It returns an error once reading on is a waste.
func (m *missing) add(ctx context.Context, table string, course int64, err error) error {
	if hopeless(ctx, err) {
		return err
	}
	m.mu.Lock()
	if m.list == nil {
		m.list, m.lost = map[item]failure{}, map[string]map[int64]bool{}
	}
	if m.lost[table] == nil {
		m.lost[table] = map[int64]bool{}
	}
	m.lost[table][course] = true
	it := item{kindOf(table), course}
	if _, known := m.list[it]; !known {
		m.list[it] = failure{it, table, err}
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
	if err == nil {
		return false
	}
	class := fault.ClassOf(err)
	return !withheld(err) && class != fault.Unavailable && class != fault.Data
}

// withheld tells whether the token is good but may not see what was asked for.
func withheld(err error) bool {
	var roster *noRoster
	var status *rest.StatusError
	var restricted *restrictedCourse
	return errors.As(err, &restricted) || errors.As(err, &roster) || errors.As(err, &status) && status.Single
}

// err returns an error that names the courses, nil if they are no more than allowed.
func (m *missing) err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.list) <= m.allowed {
		return nil
	}
	list := slices.SortedFunc(maps.Values(m.list), func(a, b failure) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id)) })
	const shown = 10
	var courses, further []string
	odd, refused, what := 0, 0, courseTable
	for i, one := range list {
		switch {
		case withheld(one.err):
			refused++
		case fault.ClassOf(one.err) == fault.Data:
			odd++
		}
		if i < shown {
			courses = append(courses, fmt.Sprintf("%s %d (%s): %v", one.kind, one.id, one.table, one.err))
		} else {
			further = append(further, id(one.id))
		}
		if one.kind != courseTable {
			what = "item"
		}
	}
	if len(further) > 0 {
		courses = append(courses, what+"s "+strings.Join(further, ", "))
	}
	class := fault.Unavailable
	const tolerate = "QUALITY.max_missing_courses tolerates a number of them, with their rows of the day before"
	hint := "look at these courses in Canvas, and run the same command again: it asks only for what is missing. " + tolerate
	switch len(list) {
	case refused:
		class, hint = fault.Permission, rightHint+", that holds in these courses too. "+tolerate
	case odd:
		class, hint = fault.Data, oddHint+". "+tolerate
	}
	return fault.New(class, hint, fmt.Errorf("%s cannot be read: %s", quantity.Of(len(list), what), strings.Join(courses, "; ")))
}

// answered deals with the outcome of asking for one course: one that was deleted meanwhile has no rows, and one that
// cannot be read is noted.
func answered[T any](ctx context.Context, c *client, table string, course int64, rows []T, err error) ([]T, error) {
	if rest.StatusOf(err) == http.StatusNotFound {
		gone, why := c.deleted(ctx, table, course)
		if gone {
			return nil, nil
		}
		err = cmp.Or(why, err)
	}
	if err != nil {
		return nil, c.missing.add(ctx, table, course, err)
	}
	tally.Of(ctx).Count(0, 1)
	return rows, nil
}

// deleted asks whether a course that was listed before is gone, and notes it. Its error is a refusal, which says more than the answer
// that led here, or ends the run.
func (c *client) deleted(ctx context.Context, table string, course int64) (bool, error) {
	_, err := rest.Do[struct{}](ctx, c.direct, rest.Request{Path: restPath + "courses/" + id(course)}, nil)
	if !rest.NotFound(err) {
		if hopeless(ctx, err) || withheld(err) {
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
