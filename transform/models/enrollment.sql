-- The enrollments of the kept courses, in all states and of all types.
--
-- Canvas' unordered pages can repeat an enrollment. Only the repeated ones are ranked, so that memory stays
-- bounded: a window over all rows would hold all of them. A usable row is preferred, then the latest counts.
WITH repeated AS (
  SELECT id FROM raw_canvas.enrollment GROUP BY id HAVING COUNT(*) > 1
),
ranked AS (
  SELECT fetched.id, fetched.course_id, fetched.section_id, fetched.user_id, fetched.state, fetched.type,
         ROW_NUMBER() OVER (
           PARTITION BY fetched.id
           ORDER BY CASE WHEN fetched.section_id IS NULL OR fetched.user_id IS NULL OR course.canvas_id IS NULL THEN 1 ELSE 0 END,
                    fetched.fetched_at DESC, fetched.course_id, fetched.section_id, fetched.user_id, fetched.state, fetched.type
         ) AS place
  FROM raw_canvas.enrollment AS fetched
  INNER JOIN repeated ON repeated.id = fetched.id
  LEFT JOIN curated.course AS course ON course.canvas_id = fetched.course_id
),
single AS (
  SELECT fetched.id, fetched.course_id, fetched.section_id, fetched.user_id, fetched.state, fetched.type
  FROM raw_canvas.enrollment AS fetched
  LEFT JOIN repeated ON repeated.id = fetched.id
  WHERE repeated.id IS NULL
  UNION ALL
  SELECT id, course_id, section_id, user_id, state, type FROM ranked WHERE place = 1
)
SELECT single.id AS canvas_id,
       single.course_id,
       single.section_id AS course_section_id,
       single.user_id,
       single.state AS workflow_state,
       single.type AS role_type,
       CASE
         WHEN course.canvas_id IS NULL THEN 'course_id refers to no course'
         WHEN single.section_id IS NULL THEN 'it has no section'
         WHEN single.user_id IS NULL THEN 'it has no user'
       END AS rejected_because
FROM single
LEFT JOIN curated.course AS course ON course.canvas_id = single.course_id
