package university

import "fmt"

// Section is a section of a course.
type Section struct {
	ID   int64
	Name string
}

// rotating is the number of seats (after the teacher's) that bring new sections.
const rotating = 5

// rotatingPeriod is how many days such a section lives.
const rotatingPeriod = 5 * rotating

// rotatingSeat is a seat whose occupant always comes with a section of his own.
func (u *University) rotatingSeat(i, s, day int) (Enrollment, bool) {
	since := day + int(u.courses[i].phase)%5 + 5*(s-1)
	cycle := since / rotatingPeriod
	e := u.enroll(i, s, cycle, day, Student, Active, 100+cycle*rotating+s-1)
	e.CreatedAt = u.afternoonBefore(day-since%rotatingPeriod, i, s)
	return e, true
}

// sections returns the number of ordinary sections of a course.
func (u *University) sections(i int) int {
	switch u.courses[i].role {
	case OddStates, SharedSection, OddName:
		return 2
	}
	return min(9, 1+int(u.courses[i].seats)/35)
}

// section returns section number no of course i. Second sections of courses with the
// role SharedSection are the first section of the first course.
func (u *University) section(i, no int) Section {
	c := &u.courses[i]
	if c.role == SharedSection && no == 1 {
		i, no = 0, 0
		c = &u.courses[0]
	}
	s := Section{ID: 3_000_000 + int64(i)*1000 + int64(no), Name: fmt.Sprintf("%s %03d", u.code(i), no+1)}
	switch c.role {
	case CrossShard:
		s.ID += shard
	case OddName:
		s.Name += " 🧪\t\"lab\"\\"
	}
	return s
}

// sectionList returns every section of course i that exists on a day, with or without enrollments, by id.
func (u *University) sectionList(i, day int) []Section {
	var all []Section
	for no := range u.sections(i) {
		if u.courses[i].role == SharedSection && no == 1 {
			continue // it belongs to another course
		}
		all = append(all, u.section(i, no))
	}
	if u.courses[i].role == AddsSections {
		last := (day + int(u.courses[i].phase)%5 + 5*(rotating-1)) / 5
		for no := max(0, last-2*rotating); no <= last; no++ {
			if u.sectionStarted(i, no, day) {
				all = append(all, u.section(i, 100+no))
			}
		}
	}
	return all
}

// sectionStarted says whether a rotating section has had its first day.
func (u *University) sectionStarted(i, no, day int) bool {
	s := no%rotating + 1
	return (day+int(u.courses[i].phase)%5+5*(s-1))/rotatingPeriod >= no/rotating
}
