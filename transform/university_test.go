package transform_test

import (
	"database/sql"
	"maps"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// university is a small but whole set of raw tables, by the names of the inputs.
var university = map[string]string{
	"raw_canvas.term":    `{"id":164,"name":"Winter 2026","sis_term_id":"2420","start_at":"2026-01-07T05:00:00Z","end_at":null,"fetched_at":"2026-03-01T04:00:00Z"}`,
	"raw_canvas.account": `{"id":1,"name":"University","fetched_at":"2026-03-01T04:00:00Z"}`,
	"raw_canvas.course": `{"id":10,"name":"a, \"b\"","account_id":1,"enrollment_term_id":164,"created_at":"2025-11-02T10:00:00Z","workflow_state":"available","total_students":2,"fetched_at":"2026-03-01T04:00:00Z"}
{"id":11,"name":"empty","account_id":1,"enrollment_term_id":164,"workflow_state":"available","total_students":0,"fetched_at":"2026-03-01T04:00:00Z"}
{"id":12,"name":"second","account_id":1,"enrollment_term_id":164,"workflow_state":"completed","total_students":1,"fetched_at":"2026-03-01T04:00:00Z"}`,
	"raw_canvas.course_audit_event": `{"course_id":10,"event_type":"published","created_at":"2026-01-05T10:00:00Z"}`,
	"raw_canvas.course_activity":    `{"course_id":10,"date":"2026-02-28","views":4,"participations":0}`,
	"raw_canvas.enrollment": `{"id":100,"course_id":10,"section_id":5,"section_name":"A","user_id":7,"state":"active","type":"StudentEnrollment","fetched_at":"2026-03-01T04:00:00Z"}
{"id":101,"course_id":10,"section_id":5,"section_name":"A","user_id":8,"state":"active","type":"StudentEnrollment","fetched_at":"2026-03-01T04:00:00Z"}
{"id":102,"course_id":12,"section_id":6,"section_name":"B","user_id":8,"state":"active","type":"TeacherEnrollment","fetched_at":"2026-03-01T04:00:00Z"}`,
	"raw_udw.course_section_dim": `{"canvas_id":5,"name":"A","sis_source_id":"2420-5"}`,
}

// fill commits the university's raw tables for a date, some with other rows.
func fill(t testing.TB, l *lake.Lake, db *sql.DB, d lake.Date, run lake.RunID, others map[string]string) {
	t.Helper()
	raw := maps.Clone(university)
	maps.Copy(raw, others)
	for _, name := range rawInputs() {
		put(t, l, db, name, d, run, raw[name])
	}
}

// without returns rows of which every table's but the named are the university's, and the named are empty.
func without(names ...string) map[string]string {
	empty := map[string]string{}
	for _, name := range names {
		empty[name] = ""
	}
	return empty
}
