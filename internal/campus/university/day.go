package university

import (
	"fmt"
	"iter"
	"time"
)

// Day is the university on one day. It may be used by many goroutines.
type Day struct {
	u       *University
	n       int // days since the epoch
	summary []summary
}

// summary is what lists need to know of a course.
type summary struct {
	students int32 // distinct users, as total_students counts them
	rows     int32 // enrollments that are not deleted
	types    uint8 // bit per enrollment type among those
	analytic bool  // has an active or completed student
	state    string
}

// On returns the university on a date, which must not be before the epoch.
func (u *University) On(date time.Time) (*Day, error) {
	n := int(midnight(date).Sub(u.epoch) / (24 * time.Hour))
	if n < 0 {
		return nil, fmt.Errorf("date %s: before the first day %s", date.Format(time.DateOnly), u.epoch.Format(time.DateOnly))
	}
	d := &Day{u: u, n: n, summary: make([]summary, len(u.courses))}
	seen := map[int64]struct{}{}
	for i := range u.courses {
		clear(seen)
		s := summary{state: u.stateOf(i, n)}
		for e := range d.allEnrollments(i) {
			if e.State == Gone {
				continue
			}
			s.rows++
			s.types |= typeBit(e.Type)
			if e.Type != Student {
				continue
			}
			switch e.State {
			case Active, Invited, CreationPending:
				seen[e.UserID] = struct{}{}
			}
			if e.State == Active || e.State == Ended {
				s.analytic = true
			}
		}
		s.students = int32(len(seen))
		d.summary[i] = s
	}
	return d, nil
}

// University returns the university whose day this is.
func (d *Day) University() *University { return d.u }

// Date returns the day's midnight, UTC.
func (d *Day) Date() time.Time { return d.u.at(d.n) }

// TotalStudents returns the number of distinct students of course i whose enrollment is
// active, invited or being created.
func (d *Day) TotalStudents(i int) int { return int(d.summary[i].students) }

// HasEnrollments says whether course i has an enrollment that is not deleted, of one of
// the given types; no types means any.
func (d *Day) HasEnrollments(i int, types ...string) bool {
	if len(types) == 0 {
		return d.summary[i].rows > 0
	}
	for _, t := range types {
		if d.summary[i].types&typeBit(t) != 0 {
			return true
		}
	}
	return false
}

// State returns the state of course i without working out the rest.
func (d *Day) State(i int) string { return d.summary[i].state }

// Enrollments returns the enrollments of course i by id, without deleted ones.
func (d *Day) Enrollments(i int) []Enrollment {
	all := make([]Enrollment, 0, d.summary[i].rows)
	for e := range d.allEnrollments(i) {
		if e.State != Gone {
			all = append(all, e)
		}
	}
	return all
}

// EnrollmentsWithDeleted returns the enrollments of course i by id, recently deleted ones too.
func (d *Day) EnrollmentsWithDeleted(i int) []Enrollment {
	var all []Enrollment
	for e := range d.allEnrollments(i) {
		all = append(all, e)
	}
	return all
}

func (d *Day) allEnrollments(i int) iter.Seq[Enrollment] {
	return func(yield func(Enrollment) bool) {
		for s := range int(d.u.courses[i].seats) {
			if e, ok := d.u.seat(i, s, d.n); ok && !yield(e) {
				return
			}
		}
	}
}

// Sections returns the sections of course i by id.
func (d *Day) Sections(i int) []Section { return d.u.sectionList(i, d.n) }

func typeBit(kind string) uint8 {
	switch kind {
	case Student:
		return 1
	case Teacher:
		return 2
	case TA:
		return 4
	case Designer:
		return 8
	case Observer:
		return 16
	case StudentView:
		return 32
	}
	return 0
}
