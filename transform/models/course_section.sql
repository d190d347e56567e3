-- The sections that the enrollments name.
WITH met AS (
  SELECT DISTINCT course_section_id AS id FROM curated.enrollment
),
-- A section that is renamed while it is read has two names: the later counts, then the smaller.
called AS (
  SELECT section_id, section_name,
         ROW_NUMBER() OVER (PARTITION BY section_id ORDER BY fetched_at DESC, section_name) AS place
  FROM (
    SELECT section_id, section_name, MAX(fetched_at) AS fetched_at
    FROM raw_canvas.enrollment
    WHERE section_id IS NOT NULL AND section_name IS NOT NULL
    GROUP BY section_id, section_name
  ) AS named
),
-- The warehouse enforces no keys: a section may stand there several times.
warehouse AS (
  SELECT canvas_id, MIN(sis_source_id) AS sis_id, MIN(name) AS name
  FROM raw_udw.course_section_dim
  WHERE canvas_id IS NOT NULL
  GROUP BY canvas_id
)
SELECT met.id AS canvas_id,
       warehouse.sis_id,
       COALESCE(called.section_name, warehouse.name, '(no name)') AS name
FROM met
LEFT JOIN (SELECT section_id, section_name FROM called WHERE place = 1) AS called ON called.section_id = met.id
LEFT JOIN warehouse ON warehouse.canvas_id = met.id
