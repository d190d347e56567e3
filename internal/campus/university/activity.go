package university

import "time"

// ActivityDay is what happened in a course on one UTC day.
type ActivityDay struct {
	Date           time.Time
	Views          int64
	Participations int64
}

// Activity returns the daily activity of course i as the analytics page shows it, in no
// particular order. It is false where Canvas answers 404: courses that are neither
// available nor completed, or have no active or completed student.
//
// The day itself is there with what has happened so far. One answer in ten is a copy
// made before midnight, which lacks the new day and the last hours of the one before.
func (d *Day) Activity(i int) (days []ActivityDay, ok bool) {
	if s := d.summary[i]; !s.analytic || (s.state != StateAvailable && s.state != StateCompleted) {
		return nil, false
	}
	days = []ActivityDay{}
	u := d.u
	if u.courses[i].role == Silent {
		return days, true
	}
	last := d.n
	if u.chance(100, topicStale, i, d.n, 0) {
		last--
	}
	for day := -7; day <= last; day++ {
		if u.chance(300, topicActivity, i, day, 0) {
			continue
		}
		views := int64(1 + u.pick(4*int(u.courses[i].seats)+3, topicViews, i, day, 0))
		if day == last {
			views = 1 + views/4
		}
		days = append(days, ActivityDay{Date: u.at(day), Views: views, Participations: views * int64(u.pick(4, topicViews, i, day, 1)) / 12})
	}
	for k := len(days) - 1; k > 0; k-- {
		j := u.pick(k+1, topicOrder, i, d.n, k)
		days[k], days[j] = days[j], days[k]
	}
	return days, true
}
