package load

import "github.com/tl-its-umich-edu/course-inventory/lake"

// Table says how a curated table of the lake becomes a table of the database.
//
// A snapshot replaces the whole table, unless Hour or Owner is set: then the table is incremental, every date of the lake adds to
// it, and a date replaces the part that it tells of, where no newer date that was loaded tells of it too.
type Table struct {
	Name    string
	Key     []string      // identifies a row; the lake's files are sorted by it
	Columns []lake.Column // in the order in which they are written; the database's table may have more
	Parents []Parent      // rows that must be there first

	Hour  string // the column with the hour, YYYY-MM-DD HH in UTC: a date replaces the hours of its manifest's interval
	Owner string // the column with an id: a date replaces the rows of the ids that it tells of
	// OwnedBy is the table whose ids those are, where it is another one: a date may tell of an id and have no row of it here.
	OwnedBy string
	Born    string // the column with the time from which on a snapshot can tell of the id

	// Listed is the reference that decides whether a row is wanted: rows that refer to nothing are left in the lake.
	Listed *Parent
}

// incremental tells whether every date adds to the table.
func (t Table) incremental() bool { return t.Hour != "" || t.Owner != "" }

// selective tells whether a load takes a part of the snapshot or replaces a part of the table.
func (t Table) selective() bool { return t.incremental() || t.Listed != nil }

// with returns the table that must be loaded from the same date at the same time, or "".
func (t Table) with() string {
	if t.Listed != nil && t.Listed.Table != ltiType {
		return t.Listed.Table
	}
	return t.OwnedBy
}

// Parent is a reference to another table by the single column of that table's key.
type Parent struct {
	Column string
	Table  string
}

// ltiType is the table of tools that users maintain; no snapshot of the lake replaces it.
const ltiType = "lti_type"

// Tables returns all tables that can be loaded, parents before children.
func Tables() []Table {
	return []Table{
		{
			Name: "account", Key: []string{"canvas_id"},
			Columns: []lake.Column{id("canvas_id"), optional(text("sis_id")), text("name")},
		},
		{
			Name: "term", Key: []string{"canvas_id"},
			Columns: []lake.Column{
				id("canvas_id"), text("name"), optional(text("sis_id")), optional(instant("start_at")), optional(instant("end_at")),
			},
		},
		{
			Name: "course", Key: []string{"canvas_id"},
			Columns: []lake.Column{
				id("canvas_id"), optional(text("sis_id")), text("name"), id("account_id"), id("term_id"),
				optional(instant("created_at")), optional(instant("published_at")), text("workflow_state"),
			},
			Parents: []Parent{{"account_id", "account"}, {"term_id", "term"}},
		},
		{
			Name: "course_section", Key: []string{"canvas_id"},
			Columns: []lake.Column{id("canvas_id"), optional(text("sis_id")), text("name")},
		},
		{
			Name: "enrollment", Key: []string{"canvas_id"},
			Columns: []lake.Column{
				id("canvas_id"), id("course_id"), id("course_section_id"), id("user_id"), text("workflow_state"), text("role_type"),
			},
			Parents: []Parent{{"course_id", "course"}, {"course_section_id", "course_section"}},
		},
		{
			Name: "canvas_course_usage", Key: []string{"course_id", "date"},
			Columns: []lake.Column{id("course_id"), number("views"), number("participations"), day("date")},
			Parents: []Parent{{"course_id", "course"}},
		},
		{
			Name: "mivideo_media_started_hourly", Key: []string{"event_hour_utc", "course_id"},
			Columns: []lake.Column{text("event_hour_utc"), id("course_id"), instant("event_time_utc_latest"), number("event_count")},
			Hour:    "event_hour_utc",
		},
		{
			Name: "mivideo_media_created", Key: []string{"id"},
			Columns: []lake.Column{text("id"), instant("created_at"), text("name"), number("duration")},
			Owner:   "id", Born: "created_at",
		},
		{
			Name: "mivideo_media_courses", Key: []string{"media_id", "course_id", "in_context"},
			Columns: []lake.Column{text("media_id"), id("course_id"), truth("in_context")},
			Parents: []Parent{{"media_id", "mivideo_media_created"}},
			Owner:   "media_id", OwnedBy: "mivideo_media_created",
		},
		{
			Name: "lti_placement", Key: []string{"id"},
			Columns: []lake.Column{id("id"), id("course_id"), id("account_id"), optional(text("course_name")), id("placement_type_id")},
			Parents: []Parent{{"placement_type_id", ltiType}},
			Listed:  &Parent{"placement_type_id", ltiType},
		},
		{
			Name: "lti_zoom_meeting", Key: []string{"id"},
			Columns: []lake.Column{
				id("id"), id("lti_placement_id"), text("meeting_id"), text("host_id"), instant("start_time"), optional(number("status")),
			},
			Parents: []Parent{{"lti_placement_id", "lti_placement"}},
			Listed:  &Parent{"lti_placement_id", "lti_placement"},
		},
	}
}

// keyOf returns the column by which others refer to a table.
func keyOf(table string) string {
	for _, t := range Tables() {
		if t.Name == table {
			return t.Key[0]
		}
	}
	return "canvas_id" // of lti_type
}
