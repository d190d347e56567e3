package university

import (
	"fmt"
	"time"
)

// shard is added to the local ids of another Canvas shard; the sum exceeds 2^53.
const shard = 17_700_000_000_000_000

// Params say which university to make. Equal parameters make equal universities.
type Params struct {
	Seed    uint64
	Courses int       // all courses, including those that no configuration asks for; at least 1
	Epoch   time.Time // first day of the university; see [EpochOf]
	Orphans bool      // one enrollment in a hundred has lost its section
}

// EpochOf returns the first day of the term (January–April, May–August,
// September–December) that date falls into.
func EpochOf(date time.Time) time.Time {
	y, m, _ := date.UTC().Date()
	return time.Date(y, (m-1)/4*4+1, 1, 0, 0, 0, 0, time.UTC)
}

// University is the whole model. It never changes and may be used by many goroutines.
type University struct {
	seed     uint64
	epoch    time.Time
	courses  []seed
	accounts []Account
	byID     map[int64]int
	users    int
	orphans  bool

	// sectionNames holds the names of every course's ordinary sections: all enrollments carry them.
	sectionNames [][]string
}

// seed is what is kept in memory of a course.
type seed struct {
	id        int64
	role      Role
	phase     uint8
	seats     int32
	firstSeat int32 // number of all seats of the courses before
}

// New makes a university.
func New(p Params) (*University, error) {
	if p.Courses < 1 || p.Courses > 1_000_000 {
		return nil, fmt.Errorf("number of courses %d: want 1 to 1,000,000", p.Courses)
	}
	if p.Epoch.IsZero() {
		return nil, fmt.Errorf("epoch of the university: missing")
	}
	u := &University{
		seed:    p.Seed,
		epoch:   midnight(p.Epoch),
		courses: make([]seed, p.Courses),
		byID:    make(map[int64]int, p.Courses),
		users:   max(400, 12*p.Courses),
		orphans: p.Orphans,
	}
	u.assign()
	seats := 0
	for i := range u.courses {
		c := &u.courses[i]
		c.id = int64(100_000 + 9*i + u.pick(9, topicCourseID, i, 0, 0))
		if c.role == CrossShard {
			c.id += shard
		}
		c.seats, c.firstSeat = int32(u.size(i)), int32(seats)
		seats += int(c.seats)
		u.byID[c.id] = i
	}
	u.accounts = u.makeAccounts()
	u.sectionNames = make([][]string, p.Courses)
	for i := range u.courses {
		for no := range u.sections(i) {
			u.sectionNames[i] = append(u.sectionNames[i], u.sectionName(i, no))
		}
	}
	return u, nil
}

// Epoch returns the first day of the university.
func (u *University) Epoch() time.Time { return u.epoch }

// Courses returns the number of courses, deleted ones included.
func (u *University) Courses() int { return len(u.courses) }

// Find returns the index of the course with that id.
func (u *University) Find(id int64) (index int, ok bool) {
	index, ok = u.byID[id]
	return index, ok
}

// ID returns the id of course i.
func (u *University) ID(i int) int64 { return u.courses[i].id }

// size returns the number of seats of a course: about 30 on average, most 5 to 32.
func (u *University) size(i int) int {
	switch u.courses[i].role {
	case Large:
		return 530 + u.pick(60, topicSize, i, 0, 0)
	case Medium, AddsSections:
		return 130 + u.pick(120, topicSize, i, 0, 0)
	case ExactPage:
		return 100
	case Concludes, Publishes:
		return 5
	case OddStates:
		return len(oddStates)
	case TeachersOnly:
		return 2
	case NoEnrollments:
		return 0
	}
	switch p := u.pick(1000, topicSize, i, 0, 0); {
	case p < 860:
		return 5 + u.pick(28, topicSize, i, 1, 0)
	case p < 960:
		return 33 + u.pick(68, topicSize, i, 1, 0)
	case p < 996:
		return 100 + u.pick(200, topicSize, i, 1, 0)
	default:
		return 300 + u.pick(350, topicSize, i, 1, 0)
	}
}

func midnight(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// at returns midnight of a day, counted from the epoch.
func (u *University) at(day int) time.Time { return u.epoch.Add(time.Duration(day) * 24 * time.Hour) }

// afternoonBefore returns a moment between 15:00 and 23:00 UTC of the day before: the
// time of something that is seen first on that day.
func (u *University) afternoonBefore(day, course, what int) time.Time {
	seconds := u.pick(8*3600, topicClock, day, course, what)
	return u.at(day).Add(-9*time.Hour + time.Duration(seconds)*time.Second)
}
