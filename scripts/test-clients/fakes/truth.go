package main

import (
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// mediaTruth is what a reader of everything under the root must find.
func mediaTruth(day *university.Day) []map[string]any {
	all := []map[string]any{}
	for _, m := range day.Media() {
		if m.Listed() {
			all = append(all, map[string]any{
				"id": m.ID, "name": m.Name, "created_at": m.CreatedAt.Unix(), "duration": m.Duration, "categories": strings.Join(m.Categories, ","),
			})
		}
	}
	return all
}

// eventTruth is what a reader of all events must find. The course is what can be read of it.
func eventTruth(day *university.Day) []map[string]any {
	all := []map[string]any{}
	for e := range day.WatchEvents() {
		course := e.CourseID
		if e.Form == university.WatchTorn {
			course = nil
		}
		all = append(all, map[string]any{
			"id": e.ID, "micros": e.Time.UnixMicro(), "stored": e.Stored.UnixMicro(), "ed_app": e.EdApp, "type": e.Type, "action": e.Action,
			"course": course, "counts": e.Counts,
		})
	}
	return all
}

// tabTruth is the navigation of all courses that exist, by course.
func tabTruth(day *university.Day) map[int64][]map[string]any {
	all := map[int64][]map[string]any{}
	for i := range day.University().Courses() {
		if day.State(i) == university.StateDeleted {
			continue
		}
		list := []map[string]any{}
		for _, t := range day.Tabs(i) {
			list = append(list, map[string]any{"id": t.ID, "label": t.Label, "hidden": t.Hidden})
		}
		all[day.Course(i).ID] = list
	}
	return all
}
