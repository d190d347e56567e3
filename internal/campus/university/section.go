package university

import (
	"cmp"
	"fmt"
	"slices"
)

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
	since := u.rotation(i, s, day)
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
	s := Section{ID: 3_000_000 + int64(i)*1000 + int64(no)}
	if names := u.sectionNames[i]; no < len(names) {
		s.Name = names[no]
	} else {
		s.Name = u.sectionName(i, no)
	}
	if c.role == CrossShard {
		s.ID += shard
	}
	return s
}

func (u *University) sectionName(i, no int) string {
	name := fmt.Sprintf("%s %03d", u.code(i), no+1)
	if u.courses[i].role == OddName {
		name += " 🧪\t\"lab\"\\"
	}
	return name
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
		for s := 1; s <= rotating; s++ {
			cycle := u.rotation(i, s, day) / rotatingPeriod
			for past := max(0, cycle-1); past <= cycle; past++ {
				all = append(all, u.section(i, 100+past*rotating+s-1))
			}
		}
		slices.SortFunc(all, func(a, b Section) int { return cmp.Compare(a.ID, b.ID) })
	}
	return all
}

// rotation counts the days that a rotating seat has seen, in its own rhythm.
func (u *University) rotation(i, s, day int) int {
	return day + int(u.courses[i].phase)%5 + 5*(s-1)
}
