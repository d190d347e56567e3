-- The days on which a kept and available course was used. Canvas may serve an older copy of a day that
-- still grows; of several rows for a day the largest numbers count.
SELECT used.course_id,
       used.views,
       used.participations,
       used.date,
       CASE WHEN course.canvas_id IS NULL THEN 'course_id refers to no course' END AS rejected_because
FROM (
  SELECT course_id, date, MAX(views) AS views, MAX(participations) AS participations
  FROM raw_canvas.course_activity
  GROUP BY course_id, date
) AS used
LEFT JOIN curated.course AS course ON course.canvas_id = used.course_id
WHERE course.canvas_id IS NULL OR course.workflow_state = 'available'
