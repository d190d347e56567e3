package canvas

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// maxFailures is the number of courses after which reading on is a waste: the trouble is a general one.
const maxFailures = 25

// failures collects the courses that could not be read.
type failures struct {
	mu   sync.Mutex
	list []failure
}

type failure struct {
	course int64
	err    error
}

// add notes a course. It returns the error of all once they are too many.
func (f *failures) add(course int64, err error) error {
	f.mu.Lock()
	f.list = append(f.list, failure{course, err})
	many := len(f.list) >= maxFailures
	f.mu.Unlock()
	if many {
		return f.err()
	}
	return nil
}

// err returns an error that names the courses, nil if there are none.
func (f *failures) err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list) == 0 {
		return nil
	}
	slices.SortFunc(f.list, func(a, b failure) int { return cmp.Compare(a.course, b.course) })
	const shown = 10
	var courses []string
	class, refused := fault.Unavailable, 0
	for i, one := range f.list {
		var no *noRoster
		if errors.As(one.err, &no) {
			refused++
		}
		if i < shown {
			courses = append(courses, fmt.Sprintf("course %d: %v", one.course, one.err))
		}
	}
	if n := len(f.list); n > shown {
		courses = append(courses, fmt.Sprintf("and %d more", n-shown))
	}
	hint := "look at these courses in Canvas; one that was deleted meanwhile is not met again when the same command runs again"
	if refused == len(f.list) {
		class, hint = fault.Permission, "the user of CANVAS.CANVAS_TOKEN may not see who is in these courses: ask for a role that may read the roster in all of them"
	}
	return fault.New(class, hint, fmt.Errorf("enrollments of %d courses cannot be read: %s", len(f.list), strings.Join(courses, "; ")))
}
