package university

import (
	"fmt"
	"strings"
	"time"
)

// The states of a course as the API shows them.
const (
	StateUnpublished = "unpublished"
	StateAvailable   = "available"
	StateCompleted   = "completed"
	StateDeleted     = "deleted"
)

// Course is a course on one day.
type Course struct {
	Index     int
	ID        int64
	Name      string // its real name
	Nickname  string // what the token's user calls it; empty: nothing
	Code      string
	AccountID int64
	TermID    int64
	CreatedAt time.Time
	StartAt   *time.Time
	State     string
	SISID     string // empty: null
	IsPublic  bool
}

// Course returns course i as it is on that day.
func (d *Day) Course(i int) Course {
	u := d.u
	c := Course{
		Index: i, ID: u.courses[i].id, Name: u.courseName(i, d.n), Code: u.code(i), AccountID: u.AccountOf(i), TermID: u.TermOf(i),
		CreatedAt: u.createdAt(i), State: u.stateOf(i, d.n), IsPublic: u.chance(50, topicFlags, i, 0, 0),
	}
	if u.chance(100, topicFlags, i, 1, 0) {
		start := u.epoch.AddDate(0, 0, 3).Add(5 * time.Hour)
		c.StartAt = &start
	}
	if u.courses[i].role == Nickname {
		c.Nickname = "My " + c.Code
	}
	if u.courses[i].role != NullSIS && !u.chance(10, topicSIS, i, 0, 0) {
		c.SISID = fmt.Sprintf("%s-%d-%d", strings.ReplaceAll(c.Code, " ", "-"), c.TermID, i)
	}
	return c
}

func (u *University) code(i int) string {
	return fmt.Sprintf("%s %d", subjects[u.pick(len(subjects), topicSubject, i, 0, 0)], 100+u.pick(600, topicNumber, i, 0, 0))
}

func (u *University) courseName(i, day int) string {
	name := u.code(i) + " " + titles[u.pick(len(titles), topicTitle, i, 0, 0)]
	switch u.courses[i].role {
	case OddName:
		return name + " 🎓\t\"tabbed\"\nnext line \\ back\\slash, ‘ünïcode’ 𝔘 'quote' \\N"
	case LongName:
		return (name + strings.Repeat(" and its long title", 20))[:254] + "é"
	}
	if n := u.renames(i, day); n > 0 {
		return fmt.Sprintf("%s (edition %d)", name, n+1)
	}
	return name
}

// renames returns how often the course was renamed between the epoch and the day.
func (u *University) renames(i, day int) int {
	switch u.courses[i].role {
	case Renames:
		return (day + int(u.courses[i].phase)%2) / 2
	case Plain:
		return (day + u.pick(120, topicRename, i, 0, 0)) / 120
	}
	return 0
}

func (u *University) createdAt(i int) time.Time {
	back := 20 + u.pick(40, topicCreated, i, 0, 0)
	if u.courses[i].role == AuditEmpty {
		back += 800
	}
	return u.afternoonBefore(-back, i, 0)
}

// neverPublished is a publication day that does not come.
const neverPublished = 1 << 30

// publicationDay returns the first day on which the course is seen published.
func (u *University) publicationDay(i int) int {
	created := -20 - u.pick(40, topicCreated, i, 0, 0)
	switch u.courses[i].role {
	case Unpublished:
		return neverPublished
	case AuditEmpty:
		return created - 790
	case AuditDeep, Medium, Large, ExactPage:
		return created + 2
	case Plain:
		switch p := u.pick(100, topicPublish, i, 0, 0); {
		case i > 0 && p < 4:
			return neverPublished
		case i > 0 && p < 12:
			return 1 + u.pick(100, topicPublish, i, 1, 0)
		}
	}
	return -u.pick(15, topicPublish, i, 2, 0) - 1
}

// beat returns the position of the day in a rhythm of three days: 0, 1 or 2.
func (u *University) beat(i, day int) int { return (day + int(u.courses[i].phase)%3) % 3 }

func (u *University) stateOf(i, day int) string {
	switch u.courses[i].role {
	case Deleted:
		return StateDeleted
	case Completed, Finished:
		return StateCompleted
	case Publishes:
		if u.beat(i, day) == 0 {
			return StateUnpublished
		}
		return StateAvailable
	}
	if u.publicationDay(i) > day {
		return StateUnpublished
	}
	return StateAvailable
}

// concluded says whether all student enrollments of the course are over on that day.
func (u *University) concluded(i, day int) bool {
	switch u.courses[i].role {
	case Finished:
		return true
	case Concludes:
		return u.beat(i, day) == 0
	case Plain:
		return i > 0 && u.chance(80, topicConclude, i, 0, 0) && day >= 1+u.pick(200, topicConclude, i, 1, 0)
	}
	return false
}
