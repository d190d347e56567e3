-- The accounts that a kept course belongs to. Of several fetches of an account the latest counts.
SELECT fetched.id AS canvas_id, fetched.sis_account_id AS sis_id, fetched.name
FROM (
  SELECT id, name, sis_account_id,
         ROW_NUMBER() OVER (PARTITION BY id ORDER BY fetched_at DESC, name, sis_account_id) AS place
  FROM raw_canvas.account
) AS fetched
INNER JOIN (SELECT DISTINCT account_id FROM curated.course) AS kept ON kept.account_id = fetched.id
WHERE fetched.place = 1
