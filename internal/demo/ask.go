package main

import (
	"context"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// questions are what a reader of the tables may ask.
var questions = []struct {
	title, sql string
	jobs       []string // that fill the tables
}{
	{"The busiest courses of the last seven days", `
SELECT c.name AS course, a.name AS account, SUM(u.views) AS views, SUM(u.participations) AS participations,
       (SELECT COUNT(*) FROM enrollment e WHERE e.course_id = c.canvas_id AND e.role_type = 'StudentEnrollment') AS students
  FROM canvas_course_usage u JOIN course c ON c.canvas_id = u.course_id JOIN account a ON a.canvas_id = c.account_id
 WHERE u.date > (SELECT MAX(date) FROM canvas_course_usage) - INTERVAL 7 DAY
 GROUP BY c.canvas_id, c.name, a.name ORDER BY views DESC, c.canvas_id LIMIT 5`, []string{university.JobInventory}},
	{"Who is enrolled", `
SELECT role_type AS role, COUNT(*) AS enrollments, COUNT(DISTINCT user_id) AS people, COUNT(DISTINCT course_id) AS courses
  FROM enrollment GROUP BY role_type ORDER BY enrollments DESC, role`, []string{university.JobInventory}},
	{"Where videos are watched most", `
SELECT c.name AS course, SUM(h.event_count) AS starts, COUNT(DISTINCT LEFT(h.event_hour_utc, 10)) AS days,
       (SELECT COUNT(DISTINCT m.media_id) FROM mivideo_media_courses m WHERE m.course_id = c.canvas_id) AS videos
  FROM mivideo_media_started_hourly h JOIN course c ON c.canvas_id = h.course_id
 GROUP BY c.canvas_id, c.name ORDER BY starts DESC, c.canvas_id LIMIT 5`, []string{university.JobInventory, university.JobMiVideo}},
	{"When videos are watched", `
SELECT CONCAT(LPAD(FLOOR(RIGHT(event_hour_utc, 2) / 6) * 6, 2, '0'), ':00 UTC and six hours on') AS time_of_day,
       SUM(event_count) AS starts, COUNT(DISTINCT course_id) AS courses
  FROM mivideo_media_started_hourly GROUP BY time_of_day ORDER BY time_of_day`, []string{university.JobMiVideo}},
	{"Which tools courses show, and how many of them met on Zoom", `
SELECT t.des AS tool, COUNT(DISTINCT p.course_id) AS courses, COUNT(DISTINCT CASE WHEN z.id IS NOT NULL THEN p.course_id END) AS met,
       COUNT(DISTINCT z.id) AS meetings, COUNT(DISTINCT z.host_id) AS hosts, MAX(z.start_time) AS newest
  FROM lti_type t JOIN lti_placement p ON p.placement_type_id = t.canvas_id LEFT JOIN lti_zoom_meeting z ON z.lti_placement_id = p.id
 GROUP BY t.canvas_id, t.des ORDER BY courses DESC, tool`, []string{university.JobLTI}},
	{"How fresh the data is", `
SELECT j.job_name AS job, s.data_source_name AS source, s.data_updated_at AS data_of, j.finished_at AS loaded
  FROM job_run j JOIN data_source_status s ON s.job_run_id = j.id
 WHERE s.id IN (SELECT MAX(id) FROM data_source_status GROUP BY data_source_name) ORDER BY j.id, source`, nil},
}

// ask puts the questions that the demo's jobs can answer.
func (d *demo) ask(ctx context.Context, s state, inventory database) error {
	db, err := open(inventory)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, q := range questions {
		if slices.ContainsFunc(q.jobs, func(name string) bool { return !slices.Contains(s.Jobs, name) }) {
			continue
		}
		if err := query(ctx, db, d.out, q.title, q.sql); err != nil {
			return err
		}
	}
	return nil
}
