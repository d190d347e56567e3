-- The media that Kaltura tells of in the interval. Of an entry that two pages show, the latest state counts.
SELECT id, created_at, name, duration
FROM (
  SELECT id, created_at, COALESCE(name, '') AS name, COALESCE(duration, 0) AS duration,
         ROW_NUMBER() OVER (PARTITION BY id ORDER BY fetched_at DESC, updated_at DESC, name, duration, created_at) AS place
  FROM raw_kaltura.media
) AS fetched
WHERE place = 1
