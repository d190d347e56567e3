-- The courses of the configured terms that have students, one row each.
--
-- Canvas lists a course twice when rows shift between two pages. The latest row with students counts: where
-- any row has students, the enrollments of the course were read.
WITH fetched AS (
  SELECT id, COALESCE(original_name, name) AS name, sis_course_id, account_id, enrollment_term_id, created_at, workflow_state,
         ROW_NUMBER() OVER (
           PARTITION BY id
           ORDER BY fetched_at DESC, workflow_state, name, original_name, sis_course_id, account_id, enrollment_term_id, created_at
         ) AS place
  FROM raw_canvas.course
  WHERE total_students > 0
),
-- The newest publication counts: an unpublished and republished course has several.
published AS (
  SELECT course_id, MAX(created_at) AS published_at
  FROM raw_canvas.course_audit_event
  WHERE event_type = 'published'
  GROUP BY course_id
)
SELECT fetched.id AS canvas_id,
       fetched.sis_course_id AS sis_id,
       fetched.name,
       fetched.account_id,
       fetched.enrollment_term_id AS term_id,
       fetched.created_at,
       -- Canvas forgets audit events after a year, so what the previous snapshot knew is kept.
       COALESCE(
         known.published_at,
         CASE WHEN fetched.workflow_state = 'available' THEN published.published_at END
       ) AS published_at,
       fetched.workflow_state,
       CASE
         WHEN account.id IS NULL THEN 'account_id refers to no account'
         WHEN term.canvas_id IS NULL THEN 'term_id refers to no term'
       END AS rejected_because
FROM fetched
LEFT JOIN (SELECT DISTINCT id FROM raw_canvas.account) AS account ON account.id = fetched.account_id
LEFT JOIN curated.term AS term ON term.canvas_id = fetched.enrollment_term_id
LEFT JOIN published ON published.course_id = fetched.id
LEFT JOIN previous.course AS known ON known.canvas_id = fetched.id
WHERE fetched.place = 1
