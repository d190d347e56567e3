package catalog_test

import (
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

type termRow struct {
	ID   int64  `parquet:"canvas_id" doc:"Canvas' id of the term"`
	Name string `parquet:"name" doc:"name of the term"`
}

type accountRow struct {
	ID   int64  `parquet:"canvas_id" doc:"Canvas' id of the account"`
	Name string `parquet:"name" doc:"name of the account; several may share one"`
}

type courseRow struct {
	ID          int64      `parquet:"canvas_id" doc:"Canvas' id of the course"`
	Name        string     `parquet:"name" doc:"name of the course, never a user's nickname for it"`
	Account     int64      `parquet:"account_id" doc:"account that the course belongs to"`
	Term        int64      `parquet:"term_id" doc:"term that the course belongs to"`
	PublishedAt *time.Time `parquet:"published_at,optional,timestamp(microsecond)" doc:"when the course was published, UTC; once known it is kept"`
	State       string     `parquet:"workflow_state" doc:"unpublished, available, completed or deleted"`
}

type enrollmentRow struct {
	ID      int64  `parquet:"canvas_id" doc:"Canvas' id of the enrollment"`
	Course  int64  `parquet:"course_id" doc:"course of the enrollment"`
	Section int64  `parquet:"course_section_id" doc:"section of the enrollment"`
	User    int64  `parquet:"user_id" doc:"Canvas' id of the enrolled user"`
	State   string `parquet:"workflow_state"`
	Role    string `parquet:"role_type"`
}

type rejectedEnrollment struct {
	ID      *int64 `parquet:"canvas_id,optional"`
	Course  *int64 `parquet:"course_id,optional"`
	Section *int64 `parquet:"course_section_id,optional"`
	Because string `parquet:"rejected_because" doc:"why the row is not in enrollment"`
}

type rawEnrollment struct {
	ID      int64     `parquet:"id" doc:"Canvas' id of the enrollment"`
	Course  int64     `parquet:"course_id" doc:"the course"`
	Section *int64    `parquet:"section_id,optional"`
	State   string    `parquet:"state"`
	Fetched time.Time `parquet:"fetched_at,timestamp(microsecond)"`
}

type usageRow struct {
	Course         int64 `parquet:"course_id"`
	Views          int64 `parquet:"views"`
	Participations int64 `parquet:"participations"`
	Date           int32 `parquet:"date,date"`
}

type placementRow struct {
	ID      int64 `parquet:"id"`
	Course  int64 `parquet:"course_id"`
	Account int64 `parquet:"account_id"`
	Tool    int64 `parquet:"placement_type_id" doc:"Canvas' id of the tool, see lti_type"`
}

type rawTab struct {
	Course int64  `parquet:"course_id"`
	ID     string `parquet:"tab_id"`
	Label  string `parquet:"label"`
}

// campus publishes three nights of a very small university.
func campus(t *testing.T, l *lake.Lake) {
	t.Helper()
	published := at("2026-09-30 14:00")
	nights := []string{"2026-09-30", "2026-10-01", "2026-10-02"}
	for night, date := range nights {
		made := func(m *lake.Manifest) { m.ToolVersion = []string{"1.0", "1.0", "1.1"}[night] }
		key := []string{"canvas_id"}
		publish(t, l, snapshot[termRow]{table: lake.Curated("term"), date: date, key: key, change: made, rows: []termRow{{7, "Fall 2026"}, {8, "Winter 2027"}}})
		publish(t, l, snapshot[accountRow]{table: lake.Curated("account"), date: date, key: key, change: made, rows: []accountRow{{10, "Engineering"}, {20, "Public Health"}}})

		course42 := courseRow{42, "STATS 250", 10, 7, nil, "unpublished"}
		if night > 0 {
			course42.PublishedAt, course42.State = &published, "available"
		}
		if night > 1 {
			course42.Name = "STATS 250 Introduction to Statistics"
		}
		publish(t, l, snapshot[courseRow]{table: lake.Curated("course"), date: date, key: key, change: made, rows: []courseRow{
			course42, {43, "EECS 183", 10, 7, &published, "available"}, {44, "EPID 600", 20, 8, nil, "unpublished"},
		}})
		enrollments(t, l, date, night, made)

		if night == 1 {
			continue // the job of the tools failed
		}
		publish(t, l, snapshot[placementRow]{table: lake.Curated("lti_placement"), date: date, key: []string{"id"}, change: made, rows: []placementRow{
			{1, 42, 10, 25194}, {2, 42, 10, 61}, {3, 43, 10, 25194}, {4, 44, 20, 61},
		}})
		publish(t, l, snapshot[rawTab]{table: lake.Raw("canvas", "tab"), date: date, change: made, rows: []rawTab{
			{42, "home", "Home"}, {42, "context_external_tool_25194", "Zoom"}, {42, "context_external_tool_61", "Gradescope"},
			{43, "context_external_tool_25194", "Zoom"}, {44, "context_external_tool_61", "Gradescope"},
		}})
	}
	last := nights[len(nights)-1]
	usage := snapshot[usageRow]{table: lake.Curated("canvas_course_usage"), date: last, key: []string{"course_id", "date"}}
	for i, views := range []int64{10, 30, 5, 20, 40} {
		d := int32(at("2026-09-27").AddDate(0, 0, i).Unix() / 86400)
		usage.rows = append(usage.rows, usageRow{42, views, views / 10, d}, usageRow{43, views * 2, 1, d})
	}
	publish(t, l, usage)
	plays(t, l)
}

// enrollments publishes those of a night, raw and curated: course 43 loses a student in the last one.
func enrollments(t *testing.T, l *lake.Lake, date string, night int, made func(*lake.Manifest)) {
	t.Helper()
	section, fetched := int64(90), at(date+" 05:02")
	var curated []enrollmentRow
	var raw []rawEnrollment
	for i, course := range []int64{42, 42, 42, 43, 43, 44} {
		id := int64(101 + i)
		if night == 0 && i == 2 || night == 2 && i == 4 {
			continue
		}
		curated = append(curated, enrollmentRow{id, course, section, id + 1000, "active", "StudentEnrollment"})
		raw = append(raw, rawEnrollment{id, course, &section, "active", fetched})
	}
	homeless, course := int64(107), int64(42)
	raw = append(raw, rawEnrollment{homeless, course, nil, "active", fetched})
	key := []string{"canvas_id"}
	publish(t, l, snapshot[rawEnrollment]{table: lake.Raw("canvas", "enrollment"), date: date, key: []string{"id"}, rows: raw, change: made})
	publish(t, l, snapshot[enrollmentRow]{table: lake.Curated("enrollment"), date: date, key: key, rows: curated, change: made})
	publish(t, l, snapshot[rejectedEnrollment]{table: lake.Curated("enrollment").Rejected(), date: date, key: key, change: made,
		rows: []rejectedEnrollment{{&homeless, &course, nil, "course_section_id is missing"}}})
}

// plays publishes the starts of media of two nights, whose intervals overlap.
func plays(t *testing.T, l *lake.Lake) {
	t.Helper()
	key := []string{"event_hour_utc", "course_id"}
	publish(t, l, snapshot[hourRow]{table: hours, date: "2026-10-01", key: key, interval: span("2026-09-20", "2026-10-01"), rows: []hourRow{
		{"2026-09-21 14", 42, 12}, {"2026-09-22 09", 43, 3}, {"2026-09-29 14", 42, 20}, {"2026-09-30 23", 42, 1},
	}})
	publish(t, l, snapshot[hourRow]{table: hours, date: "2026-10-02", key: key, interval: span("2026-09-30", "2026-10-02"), rows: []hourRow{
		{"2026-09-30 23", 42, 2}, {"2026-10-01 08", 43, 9},
	}})
}
