package zoom

import "github.com/tl-its-umich-edu/course-inventory/internal/campus/university"

// CourseOn returns what Zoom knows of a course of the university on a day, as
// [Options.Course] wants it.
func CourseOn(d *university.Day, id int64) Course {
	i, ok := d.University().Find(id)
	if !ok {
		return Course{}
	}
	var c Course
	for _, m := range d.Meetings(i) {
		c.Meetings = append(c.Meetings, Meeting{
			ID: m.ID, Number: m.Number, HostID: m.HostID, Topic: m.Topic, Start: m.Start, TimeZone: m.TimeZone, Status: m.Status,
		})
	}
	switch d.University().ZoomTrouble(i) {
	case university.ZoomNoSCID:
		c.Failure = NoScid
	case university.ZoomNoToken:
		c.Failure = NoToken
	case university.ZoomRefused:
		c.Failure = Refused
	case university.ZoomNoResult:
		c.Failure = NoResult
	}
	return c
}
