-- The configured terms. Of several fetches of a term the latest counts.
SELECT id AS canvas_id, name, sis_term_id AS sis_id, start_at, end_at
FROM (
  SELECT id, name, sis_term_id, start_at, end_at,
         ROW_NUMBER() OVER (PARTITION BY id ORDER BY fetched_at DESC, name, sis_term_id, start_at, end_at) AS place
  FROM raw_canvas.term
) AS fetched
WHERE place = 1
