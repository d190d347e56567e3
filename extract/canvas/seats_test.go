package canvas

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pageOf makes a page of a course's rows from one number up to another.
func pageOf(from, to int, cursor string, more bool) *apiRosterCourse {
	a := &apiRosterCourse{Enrollments: &apiConnection{Nodes: &[]*apiEnrollment{}}}
	state, kind := "active", "StudentEnrollment"
	for n := from; n < to; n++ {
		key := ident(n)
		*a.Enrollments.Nodes = append(*a.Enrollments.Nodes, &apiEnrollment{ID: &key, State: &state, Type: &kind})
	}
	a.Enrollments.PageInfo = &apiPageInfo{EndCursor: &cursor, HasNextPage: &more}
	return a
}

// TestPages follows what the pages of a course lead to.
func TestPages(t *testing.T) {
	type step struct {
		cursor   string // of the page that is answered
		from, to int
		end      string
		more     bool
		next     []string // pages to ask for after it
	}
	at := offsetCursor
	for name, test := range map[string]struct {
		students, users int64
		steps           []step
		odd             bool
	}{
		"one page": {students: 3, steps: []step{{"", 0, 3, "x", false, nil}}},
		"by offset, at once": {students: 320, steps: []step{
			{"", 0, 100, at(100), true, []string{at(100), at(200), at(300)}},
			{at(200), 200, 300, at(300), true, nil}, {at(300), 300, 320, at(320), false, nil}, {at(100), 100, 200, at(200), true, nil},
		}},
		"more than promised": {students: 150, steps: []step{
			{"", 0, 100, at(100), true, []string{at(100)}}, {at(100), 100, 200, at(200), true, []string{at(200)}}, {at(200), 200, 210, at(210), false, nil},
		}},
		"promised by the count of people": {students: 10, users: 201, steps: []step{
			{"", 0, 100, at(100), true, []string{at(100), at(200)}}, {at(200), 200, 201, at(201), false, nil}, {at(100), 100, 200, at(200), true, nil},
		}},
		"fewer than promised": {students: 250, steps: []step{
			{"", 0, 100, at(100), true, []string{at(100), at(200)}}, {at(100), 100, 150, at(150), false, nil}, {at(200), 0, 0, "", false, nil},
		}},
		"opaque cursors": {students: 290, steps: []step{
			{"", 0, 100, "abc", true, []string{"abc"}}, {"abc", 100, 200, "def", true, []string{"def"}}, {"def", 200, 290, "ghi", false, nil},
		}},
		"a page in the middle is short": {students: 250, odd: true, steps: []step{
			{"", 0, 100, at(100), true, []string{at(100), at(200)}}, {at(100), 100, 150, at(150), true, nil}, {at(200), 200, 250, at(250), false, nil},
		}},
		"a row again": {students: 250, odd: true, steps: []step{
			{"", 0, 100, at(100), true, []string{at(100), at(200)}}, {at(100), 99, 199, at(200), true, nil}, {at(200), 200, 250, at(250), false, nil},
		}},
		"a row is lost on the way": {students: 3, odd: true, steps: []step{{"", 0, 3, at(4), false, nil}}},
		"a row of the last page is lost": {students: 150, odd: true, steps: []step{
			{"", 0, 100, at(100), true, []string{at(100)}}, {at(100), 100, 150, at(151), false, nil},
		}},
		"the cursor stays": {students: 250, odd: true, steps: []step{
			{"", 0, 100, "abc", true, []string{"abc"}}, {"abc", 100, 200, "abc", true, nil},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSeats(&Course{ID: 1, TotalStudents: &test.students})
			waiting := map[string]*slot{"": s.first(20)}
			for i, step := range test.steps {
				slot := waiting[step.cursor]
				if slot == nil {
					t.Fatalf("step %d: page %q was not asked for", i, step.cursor)
				}
				page := pageOf(step.from, step.to, step.end, step.more)
				if test.users > 0 && i == 0 {
					page.Users = &test.users
				}
				next, through := slot.add(page, time.Time{})
				var cursors []string
				for _, n := range next {
					cursors = append(cursors, n.cursor)
					waiting[n.cursor] = n
				}
				if diff := cmp.Diff(step.next, cursors); diff != "" {
					t.Errorf("step %d (-want +got):\n%s", i, diff)
				}
				if last := i == len(test.steps)-1; through != last {
					t.Errorf("step %d: through is %t", i, through)
				}
			}
			if s.odd != test.odd {
				t.Errorf("odd is %t", s.odd)
			}
		})
	}
}

// TestBatchSize halves after heavy requests and doubles again after good ones, more slowly each time.
func TestBatchSize(t *testing.T) {
	q := newQueue(20)
	var sizes []int
	for _, well := range []bool{false, false, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, false} {
		q.went(well, q.size)
		sizes = append(sizes, q.size)
	}
	if got, want := fmt.Sprint(sizes), "[10 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 10 10 10 5]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
