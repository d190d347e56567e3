package canvas

import (
	"encoding/base64"
	"math"
	"strconv"
	"sync"
	"time"
)

// pageRows is the number of enrollments on a page, the most that GraphQL gives.
const pageRows = 100

// slot is one page of a course's enrollments, to be asked for.
type slot struct {
	*seats
	share  int    // pages that a request with this one may have at most; 1: alone
	cursor string // where the page begins, "" at the start
	offset int    // the same in rows; negative where the cursors tell nothing
	last   bool   // no later page is known of
}

// seats are the enrollments of one course on their way. Several of its pages may be under way at once.
type seats struct {
	course *Course

	mu    sync.Mutex
	open  int // pages that are not through
	rows  []Enrollment
	seen  map[int64]struct{}
	full  int    // rows on a page that is not the last; 0 while unknown
	users *int64 // as many people are enrolled, says GraphQL; nil if it does not count them

	sections map[int64]int64 // the same of each section, where it counts these; else nil

	left []oddSeat // enrollments that cannot be read as a whole, known when REST has given the course

	odd    bool // the pages cannot be complete: see [seats.judge]
	failed bool // the course cannot be read
}

func newSeats(course *Course) *seats { return &seats{course: course} }

// first returns the course's first page.
func (s *seats) first(share int) *slot {
	s.open++
	return &slot{seats: s, share: share, last: true}
}

// add takes in a page. It returns the pages to ask for next, and whether the course is through.
func (s *slot) add(a *apiRosterCourse, at time.Time) (next []*slot, through bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cursor == "" {
		s.users, s.sections = a.Users, a.Sections.users()
	}
	if s.seen == nil { // not before: many courses wait for their first page
		s.seen = map[int64]struct{}{}
	}
	before := len(s.rows)
	for _, n := range *a.Enrollments.Nodes {
		if !n.isThere() || n.Odd != "" {
			s.odd = true // REST may have it whole
		}
		if !n.isThere() {
			continue
		}
		e := n.row(s.course.ID, at)
		if _, again := s.seen[e.ID]; again {
			s.odd = true
			continue
		}
		s.seen[e.ID] = struct{}{}
		s.rows = append(s.rows, e)
	}
	s.judge(len(*a.Enrollments.Nodes), len(s.rows)-before, *a.Enrollments.PageInfo.HasNextPage)
	if end, told := offsetOf(text(a.Enrollments.PageInfo.EndCursor)); told && s.offset >= 0 && end-s.offset != len(*a.Enrollments.Nodes) {
		s.odd = true // the server gave as many rows as its cursor counts, and some were lost on the way
	}
	if *a.Enrollments.PageInfo.HasNextPage && !s.odd && !s.failed {
		next = s.after(a.Enrollments)
	}
	s.open += len(next)
	return next, s.leave()
}

// judge looks at a page's number of rows and how many of them are new. A course is odd if a row came twice, as others are
// missing then, if a page that is not the last brings nothing new, if such pages differ in length, or if the last
// one is full and nothing else counts its people.
func (s *seats) judge(rows, fresh int, more bool) {
	switch {
	case more && fresh == 0,
		more && s.full > 0 && rows != s.full,
		!more && s.full > 0 && rows > s.full,
		!more && rows >= pageRows && !s.counted():
		s.odd = true
	case more:
		s.full = rows
	}
}

// skip passes over a page that is of no use any more.
func (s *slot) skip() (through bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leave()
}

// leave counts a page out and tells whether it was the last one of a course that can be read.
func (s *seats) leave() bool {
	s.open--
	return s.open == 0 && !s.failed
}

// useless tells whether the course's further pages need not be read.
func (s *seats) useless() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.odd || s.failed
}

// fail gives the course up. It returns false if that has been done before.
func (s *seats) fail() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.failed
	s.failed = true
	return first
}

// after returns the pages after one that is not the last. Where its cursor turns out to be the number of rows so far, all
// pages that the counts promise are asked for at once; each of them must then end where the next one begins.
func (s *slot) after(page *apiConnection) []*slot {
	end := text(page.PageInfo.EndCursor)
	counted := s.offset >= 0 && len(*page.Nodes) == pageRows && end == offsetCursor(s.offset+pageRows)
	switch {
	case end == "" || end == s.cursor, !s.last && !counted:
		s.odd = true
		return nil
	case !s.last:
		return nil
	case !counted:
		return []*slot{{seats: s.seats, share: math.MaxInt, cursor: end, offset: -1, last: true}}
	}
	promised := *s.course.TotalStudents
	if s.users != nil {
		promised = max(promised, *s.users)
	}
	var next []*slot
	for offset := s.offset + pageRows; len(next) == 0 || int64(offset) < promised; offset += pageRows {
		next = append(next, &slot{seats: s.seats, share: math.MaxInt, cursor: offsetCursor(offset), offset: offset})
	}
	next[len(next)-1].last = true
	return next
}

// offsetCursor is how Canvas' GraphQL writes the place after so many rows.
func offsetCursor(rows int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(rows)))
}

// offsetOf reads a cursor of [offsetCursor]. It returns false for one of another form.
func offsetOf(cursor string) (rows int, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, false
	}
	rows, err = strconv.Atoi(string(text))
	return rows, err == nil
}
