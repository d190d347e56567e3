package university

import (
	"cmp"
	"slices"
	"time"
)

// LateDays is how many days of events a nightly reader reads again.
const LateDays = 2

// mediaTruth returns the tables mivideo_media_started_hourly, mivideo_media_created and
// mivideo_media_courses, as they stand after nightly runs from w.Since to w.Date which
// read the last [LateDays] days of events again. The first run reads everything from w.Start on.
func (d *Day) mediaTruth(w Want) []Table {
	since := midnight(w.Since)
	if w.Since.IsZero() || since.After(d.Date()) {
		since = d.Date()
	}
	created, courses := d.mediaTables(w.Start)
	return []Table{d.hourTable(since, w.Start), created, courses}
}

// seen tells whether one of the nightly runs from since on found the event.
func (d *Day) seen(e *WatchEvent, since time.Time) bool {
	over := midnight(e.Time).AddDate(0, 0, 1) // the first run whose interval holds the event
	if run := since; !run.Before(over) {      // that reads everything
		return e.Stored.Before(run.Add(storeHour)) || d.seenAgain(e, run.AddDate(0, 0, 1), over)
	}
	return d.seenAgain(e, over, over)
}

// seenAgain tells the same of the runs from one on that read only what is new and the late days.
func (d *Day) seenAgain(e *WatchEvent, from, over time.Time) bool {
	last := over.AddDate(0, 0, LateDays)
	for run := from; !run.After(d.Date()) && !run.After(last); run = run.AddDate(0, 0, 1) {
		if e.Stored.Before(run.Add(storeHour)) {
			return true
		}
	}
	return false
}

func (d *Day) hourTable(since, start time.Time) Table {
	type key struct {
		hour   string
		course int64
	}
	type group struct {
		latest time.Time
		count  int64
	}
	groups := map[key]group{}
	counted := map[string]bool{} // by id: the store may hold an event twice
	for e := range d.WatchEvents() {
		if e.Counts == 0 || e.Time.Before(start) || counted[e.ID] || !d.seen(&e, since) {
			continue
		}
		counted[e.ID] = true
		k := key{e.Time.UTC().Format("2006-01-02 15"), e.Counts}
		g := groups[k]
		g.count++
		if e.Time.After(g.latest) {
			g.latest = e.Time
		}
		groups[k] = g
	}
	out := Table{Name: "mivideo_media_started_hourly", Columns: []string{"event_hour_utc", "course_id", "event_time_utc_latest", "event_count"}}
	for k, g := range groups {
		out.Rows = append(out.Rows, []any{k.hour, k.course, moment(&g.latest), g.count})
	}
	slices.SortFunc(out.Rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(string), b[0].(string)), cmp.Compare(a[1].(int64), b[1].(int64)))
	})
	return out
}

// Listed tells whether lists of what lies under [MediaRoot] show the entry.
func (m Media) Listed() bool {
	return m.State == MediaReady && m.Kind != DataFile && !m.Foreign
}

func (d *Day) mediaTables(start time.Time) (created, courses Table) {
	created = Table{Name: "mivideo_media_created", Columns: []string{"id", "created_at", "name", "duration"}}
	courses = Table{Name: "mivideo_media_courses", Columns: []string{"media_id", "course_id", "in_context"}}
	for _, m := range d.Media() {
		if !m.Listed() || m.CreatedAt.Before(start) {
			continue
		}
		created.Rows = append(created.Rows, []any{m.ID, moment(&m.CreatedAt), m.Name, int64(m.Duration)})
		for _, p := range m.Places {
			in := int64(0)
			if p.InContext {
				in = 1
			}
			courses.Rows = append(courses.Rows, []any{m.ID, p.CourseID, in})
		}
	}
	slices.SortFunc(created.Rows, func(a, b []any) int { return cmp.Compare(a[0].(string), b[0].(string)) })
	slices.SortFunc(courses.Rows, func(a, b []any) int {
		return cmp.Or(cmp.Compare(a[0].(string), b[0].(string)), cmp.Compare(a[1].(int64), b[1].(int64)), cmp.Compare(a[2].(int64), b[2].(int64)))
	})
	return created, courses
}
