package university

import (
	"slices"
	"time"
)

// AuditEvent is an entry of a course's audit log.
type AuditEvent struct {
	ID     string
	At     time.Time
	Type   string
	Source string // empty: null
	UserID int64  // 0: null
}

// auditLife is how far back Canvas looks into the audit log.
const auditLife = 52 * 7 * 24 * time.Hour

// Audit returns the audit log of course i that has not expired, newest first.
func (d *Day) Audit(i int) []AuditEvent {
	u := d.u
	var log []AuditEvent
	add := func(day, what int, kind, source string) {
		n := len(log)
		e := AuditEvent{
			ID:   uuid(u.hash(topicEvent, i, day, what), u.hash(topicEvent, i, day, what+1000)),
			At:   u.afternoonBefore(day, i, what),
			Type: kind, Source: source,
		}
		if n%3 != 2 {
			e.UserID = u.user(i, 0, 0)
		}
		log = append(log, e)
	}
	created := -20 - u.pick(40, topicCreated, i, 0, 0)
	if u.courses[i].role == AuditEmpty {
		created -= 800
	}
	add(created, 0, "created", "sis")
	if u.chance(300, topicEvent, i, 0, 0) {
		add(created+1, 1, "copied_from", "manual")
	}
	u.publications(i, d.n, add)
	switch u.courses[i].role {
	case AuditDeep:
		for k := range 120 {
			add(created+3+k%15, 10+k, "updated", "api")
		}
	case AuditEmpty:
		add(created+5, 2, "updated", "")
	case Concludes:
		for day := 1; day <= d.n; day++ {
			switch u.beat(i, day) {
			case 0:
				add(day, 3, "concluded", "manual")
			case 1:
				add(day, 4, "unconcluded", "manual")
			}
		}
	default:
		for day := 1; day <= d.n; day++ {
			if u.renames(i, day) != u.renames(i, day-1) {
				add(day, 5, "updated", "manual")
			}
		}
	}
	oldest := d.Date().Add(-auditLife)
	log = slices.DeleteFunc(log, func(e AuditEvent) bool { return e.At.Before(oldest) })
	slices.SortStableFunc(log, func(a, b AuditEvent) int { return b.At.Compare(a.At) })
	return log
}

// publications adds the events by which a course came into its state.
func (u *University) publications(i, today int, add func(day, what int, kind, source string)) {
	first := u.publicationDay(i)
	switch u.courses[i].role {
	case Deleted:
		add(-2, 6, "deleted", "sis")
		return
	case Publishes:
		for day := -3; day <= today; day++ {
			switch u.beat(i, day+3) {
			case 0:
				add(day, 7, "claimed", "manual")
			case 1:
				add(day, 8, "published", "manual")
			}
		}
		return
	case Republishes:
		add(first, 8, "published", "manual")
		for day := 1; day <= today; day++ {
			if u.beat(i, day) == 0 {
				add(day, 7, "claimed", "manual")
				// The publication must be the later of the two: at the end of the same afternoon.
				add(day, u.laterThan(i, day, 7), "published", "manual")
			}
		}
		return
	}
	if first <= today {
		source := []string{"manual", "manual", "sis", "api", ""}[u.pick(5, topicEvent, i, 1, 0)]
		add(first, 8, "published", source)
	}
}

// laterThan returns an event number whose time on that day is after that of number what.
func (u *University) laterThan(i, day, what int) int {
	for n := 20; ; n++ {
		if u.afternoonBefore(day, i, n).After(u.afternoonBefore(day, i, what)) {
			return n
		}
	}
}

// Published returns the time of the newest publication in the audit log of course i;
// false if there is none.
func (d *Day) Published(i int) (time.Time, bool) {
	for _, e := range d.Audit(i) {
		if e.Type == "published" {
			return e.At, true
		}
	}
	return time.Time{}, false
}
