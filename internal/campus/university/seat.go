package university

import "time"

// The states of an enrollment.
const (
	Active          = "active"
	Invited         = "invited"
	CreationPending = "creation_pending"
	Rejected        = "rejected"
	Ended           = "completed"
	Inactive        = "inactive"
	Gone            = "deleted"
)

// The types of an enrollment.
const (
	Student     = "StudentEnrollment"
	Teacher     = "TeacherEnrollment"
	TA          = "TaEnrollment"
	Designer    = "DesignerEnrollment"
	Observer    = "ObserverEnrollment"
	StudentView = "StudentViewEnrollment"
)

// Enrollment is one person's place in a course on one day.
type Enrollment struct {
	ID        int64
	CourseID  int64
	Section   Section // without id if it has lost its section
	UserID    int64
	State     string
	Type      string
	CreatedAt time.Time
}

// oddStates are the seats of the course with every type and state.
var oddStates = []struct{ kind, state string }{
	{Teacher, Active}, {Student, Active}, {Student, Invited}, {Student, CreationPending}, {Student, Rejected}, {Student, Ended},
	{Student, Inactive}, {Student, Gone}, {StudentView, Active}, {TA, Active}, {TA, Inactive}, {Designer, Invited},
	{Observer, Active}, {Observer, Rejected}, {Teacher, Ended}, {Teacher, CreationPending}, {Student, Active},
}

// cycles is the number of occupants that a seat can have one after the other.
const cycles = 64

// seat works out who has seat s of course i on a day: nobody (ok is false), or an
// enrollment, which may be one that was deleted a few days ago.
//
// A seat lives in periods of 60 to 83 days. In each somebody new joins, may change state
// or section once, and leaves; so some 4 % of all rows change from one day to the next.
func (u *University) seat(i, s, day int) (e Enrollment, ok bool) {
	role := u.courses[i].role
	switch {
	case role == OddStates:
		return u.enroll(i, s, 0, day, oddStates[s].kind, oddStates[s].state, s%2), true
	case role == AddsSections && s >= 1 && s <= rotating:
		return u.rotatingSeat(i, s, day)
	case role == ExactPage, role == TeachersOnly, s <= 1: // a teacher and a student stay all the time
		kind, state := Student, Active
		switch {
		case s == 0 || role == TeachersOnly:
			kind = Teacher
		case role == InvitedOnly:
			state = Invited
		}
		return u.enroll(i, s, 0, day, kind, state, u.pick(u.sections(i), topicSeatSection, i, s, 0)), true
	}
	period := 60 + u.pick(24, topicSeatPeriod, i, s, 0)
	since := day + u.pick(period, topicSeatPhase, i, s, 0)
	cycle, t := since/period, since%period
	if gap := u.pick(8, topicSeatGap, i, s, cycle); t < gap {
		if cycle == 0 {
			return Enrollment{}, false
		}
		_, section := u.life(i, s, cycle-1, true)
		e = u.enroll(i, s, cycle-1, day, u.seatType(i, s), Gone, section)
		e.CreatedAt = u.afternoonBefore(day-t-period+8, i, s)
		return e, true
	}
	middle := 12 + u.pick(40, topicSeatMiddle, i, s, cycle)
	state, section := u.life(i, s, cycle, t >= middle)
	e = u.enroll(i, s, cycle, day, u.seatType(i, s), state, section)
	e.CreatedAt = u.afternoonBefore(day-t+u.pick(8, topicSeatGap, i, s, cycle), i, s)
	return e, true
}

// life returns the state and section number of an occupant, before or after the turn
// that comes somewhere in the middle of the stay.
func (u *University) life(i, s, cycle int, after bool) (state string, section int) {
	n := u.sections(i)
	section = u.pick(n, topicSeatSection, i, s, cycle)
	p := u.pick(100, topicSeatState, i, s, cycle)
	turn := u.pick(100, topicSeatState, i, s, cycle+cycles)
	state = Active
	switch {
	case u.courses[i].role == InvitedOnly:
		return Invited, section
	case p < 10:
		state = Invited
	case p < 12:
		state = CreationPending
	}
	switch {
	case !after:
	case state == Invited && turn < 90, state == CreationPending && turn < 60:
		state = Active
	case state != Active:
		state = Rejected
	case turn < 30:
		state = Ended
	case turn < 50:
		state = Inactive
	case turn < 75:
		section = (section + 1) % n
	}
	return state, section
}

func (u *University) seatType(i, s int) string {
	switch p := u.pick(1000, topicSeatType, i, s, 0); {
	case s == 2 && p < 60:
		return StudentView
	case s >= 10 && p >= 960:
		return TA
	case s >= 4 && p >= 948:
		return Designer
	case s >= 4 && p >= 936:
		return Observer
	}
	return Student
}

// enroll puts the parts together; a concluded course has no students who are not done.
func (u *University) enroll(i, s, cycle, day int, kind, state string, section int) Enrollment {
	c := &u.courses[i]
	e := Enrollment{
		ID:       20_000_000 + (int64(c.firstSeat)+int64(s))*cycles + int64(cycle%cycles),
		CourseID: c.id, UserID: u.user(i, s, cycle), State: state, Type: kind, Section: u.section(i, section),
		CreatedAt: u.afternoonBefore(-10, i, s),
	}
	if c.role == CrossShard {
		e.ID += shard
	}
	if u.orphans && u.chance(10, topicOrphan, int(e.ID), 0, 0) {
		e.Section = Section{}
	}
	if u.concluded(i, day) && (kind == Student || kind == StudentView) {
		switch state {
		case Active, Invited, CreationPending:
			e.State = Ended
		}
	}
	return e
}

// user returns the id of an occupant. The same person may well sit twice in one course;
// one in two hundred belongs to another shard.
func (u *University) user(i, s, cycle int) int64 {
	n := u.pick(u.users, topicUser, i, s, cycle)
	id := int64(300_000 + 3*n)
	if u.courses[i].role == CrossShard || n%200 == 7 {
		id += shard
	}
	return id
}
