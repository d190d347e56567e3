package bigquery

import "github.com/tl-its-umich-edu/course-inventory/internal/campus/university"

// EventsOn returns what the university's event store holds on a day, as [Options.Events]
// wants it. It works it all out; keep the result for the day.
func EventsOn(d *university.Day) []Event {
	var all []Event
	forms := map[university.WatchForm]Form{
		university.WatchCurrent: Current, university.WatchTextApp: TextApp, university.WatchUpgraded: Upgraded,
		university.WatchNumber: NumberedID, university.WatchTorn: Torn,
	}
	for e := range d.WatchEvents() {
		all = append(all, Event{
			ID: e.ID, Type: e.Type, Action: e.Action, EdApp: e.EdApp, Time: e.Time, Stored: e.Stored, Actor: e.Actor, Media: e.Media,
			Course: e.CourseID, Form: forms[e.Form],
		})
	}
	return all
}
