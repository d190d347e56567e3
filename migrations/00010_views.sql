-- Answers to what leadership asks most, for dashboards to build on. They run with the rights of who asks.

-- +goose NO TRANSACTION
-- +goose Up

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_course_enrollment_counts AS
SELECT
  c.canvas_id                      AS course_id,
  c.sis_id                         AS course_sis_id,
  c.name                           AS course_name,
  c.workflow_state                 AS course_state,
  c.published_at                   AS published_at,
  t.canvas_id                      AS term_id,
  t.name                           AS term_name,
  a.canvas_id                      AS account_id,
  a.name                           AS account_name,
  COALESCE(e.sections, 0)          AS sections,
  COALESCE(e.enrollments, 0)       AS enrollments,
  COALESCE(e.people, 0)            AS people,
  COALESCE(e.students, 0)          AS students,
  COALESCE(e.active_students, 0)   AS active_students,
  COALESCE(e.teachers, 0)          AS teachers
FROM course AS c
JOIN term AS t ON t.canvas_id = c.term_id
JOIN account AS a ON a.canvas_id = c.account_id
LEFT JOIN (
  SELECT
    course_id,
    COUNT(DISTINCT course_section_id) AS sections,
    COUNT(*)                          AS enrollments,
    COUNT(DISTINCT user_id)           AS people,
    COUNT(DISTINCT IF(role_type = 'StudentEnrollment', user_id, NULL)) AS students,
    COUNT(DISTINCT IF(role_type = 'StudentEnrollment' AND workflow_state = 'active', user_id, NULL)) AS active_students,
    COUNT(DISTINCT IF(role_type = 'TeacherEnrollment', user_id, NULL)) AS teachers
  FROM enrollment
  GROUP BY course_id
) AS e ON e.course_id = c.canvas_id;

-- Both numbers of courses count published ones only, so that their ratio is a share. Uses count in any course of the term.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_tool_usage_by_term AS
SELECT
  t.canvas_id AS term_id,
  t.name      AS term_name,
  u.tool      AS tool,
  p.courses   AS published_courses,
  u.courses   AS courses_with_tool,
  u.uses      AS uses
FROM (
  SELECT c.term_id, y.rpt_group_nm AS tool, COUNT(DISTINCT IF(c.workflow_state = 'available', c.canvas_id, NULL)) AS courses, COALESCE(SUM(m.meetings), 0) AS uses
  FROM lti_placement AS l
  JOIN lti_type AS y ON y.canvas_id = l.placement_type_id
  JOIN course AS c ON c.canvas_id = l.course_id
  LEFT JOIN (SELECT lti_placement_id, COUNT(*) AS meetings FROM lti_zoom_meeting GROUP BY lti_placement_id) AS m ON m.lti_placement_id = l.id
  GROUP BY c.term_id, y.rpt_group_nm
  UNION ALL
  SELECT c.term_id, 'MiVideo', COUNT(DISTINCT IF(c.workflow_state = 'available', c.canvas_id, NULL)), SUM(h.event_count)
  FROM mivideo_media_started_hourly AS h
  JOIN course AS c ON c.canvas_id = h.course_id
  GROUP BY c.term_id
) AS u
JOIN term AS t ON t.canvas_id = u.term_id
JOIN (
  SELECT term_id, COUNT(IF(workflow_state = 'available', 1, NULL)) AS courses FROM course GROUP BY term_id
) AS p ON p.term_id = u.term_id;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_data_freshness AS
SELECT
  s.data_source_name                                         AS data_source_name,
  r.job_name                                                 AS job_name,
  s.data_updated_at                                          AS data_updated_at,
  r.finished_at                                              AS loaded_at,
  TIMESTAMPDIFF(HOUR, s.data_updated_at, UTC_TIMESTAMP())    AS age_hours
FROM data_source_status AS s
JOIN job_run AS r ON r.id = s.job_run_id
JOIN (
  SELECT data_source_name, MAX(id) AS id FROM data_source_status GROUP BY data_source_name
) AS newest ON newest.id = s.id;
