package load_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/load"
)

// want is what the tables hold after u was loaded, usage without its surrogate id.
func (u university) want() map[string]string {
	m := map[string]string{}
	add := func(table string, fields ...any) {
		for i, f := range fields {
			switch v := f.(type) {
			case *string:
				if fields[i] = "NULL"; v != nil {
					fields[i] = *v
				}
			case *time.Time:
				if fields[i] = "NULL"; v != nil {
					fields[i] = v.Truncate(time.Second).Format(time.DateTime)
				}
			}
		}
		m[table] += fmt.Sprintln(fields...)
	}
	for _, r := range u.accounts {
		add("account", r.ID, r.SISID, r.Name)
	}
	for _, r := range u.terms {
		add("term", r.ID, r.Name, r.SISID, r.StartAt, r.EndAt)
	}
	for _, r := range u.courses {
		add("course", r.ID, r.SISID, r.Name, r.AccountID, r.TermID, r.CreatedAt, r.PublishedAt, r.State)
	}
	for _, r := range u.sections {
		add("course_section", r.ID, r.SISID, r.Name)
	}
	for _, r := range u.enrollments {
		add("enrollment", r.ID, r.CourseID, r.SectionID, r.UserID, r.State, r.Role)
	}
	for _, r := range u.usage {
		add("canvas_course_usage", r.CourseID, r.Views, r.Participations, time.Unix(int64(r.Date)*86400, 0).UTC().Format(time.DateOnly))
	}
	return m
}

func tables(t testing.TB, db querier) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, table := range load.Tables() {
		columns, order := "*", "1"
		switch table.Name {
		case "canvas_course_usage":
			columns, order = "course_id, views, participations, date", "1, 4"
		case "mivideo_media_started_hourly":
			columns, order = "event_hour_utc, course_id, event_time_utc_latest, event_count", "1, 2"
		case "mivideo_media_courses":
			order = "1, 2, 3"
		}
		if s := query(t, db, "SELECT "+columns+" FROM "+table.Name+" ORDER BY "+order); s != "" {
			m[table.Name] = s
		}
	}
	return m
}

type querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

func query(t testing.TB, db querier, q string) string {
	t.Helper()
	s, err := queryErr(db, q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return s
}

func queryErr(db querier, q string) (string, error) {
	rows, err := db.Query(q)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		for i, v := range values {
			if !v.Valid {
				v.String = "NULL"
			}
			if i > 0 {
				out.WriteByte(' ')
			}
			out.WriteString(v.String)
		}
		out.WriteByte('\n')
	}
	return out.String(), rows.Err()
}
