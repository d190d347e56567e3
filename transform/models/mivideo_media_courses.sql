-- In which courses a media is used: its categories <root>>site>channels>N[>…], where N is Canvas' id of the
-- course. Categories of other roots or channels that are no courses are left out.
WITH fetched AS (
  SELECT id, categories, category_root,
         ROW_NUMBER() OVER (PARTITION BY id ORDER BY fetched_at DESC, updated_at DESC, name, duration, created_at) AS place
  FROM raw_kaltura.media
),
placed AS (
  SELECT fetched.id AS media_id, CONCAT(asked.root, '>site>channels>') AS prefix, named.category
  FROM fetched
  CROSS JOIN UNNEST(SPLIT(fetched.category_root, ',')) AS asked(root)
  CROSS JOIN UNNEST(SPLIT(fetched.categories, ',')) AS named(category)
  WHERE fetched.place = 1
),
channel AS (
  SELECT media_id, category, SPLIT_PART(SUBSTR(category, CHAR_LENGTH(prefix) + 1), '>', 1) AS id
  FROM placed
  WHERE SUBSTR(category, 1, CHAR_LENGTH(prefix)) = prefix
)
SELECT DISTINCT media_id, CAST(id AS BIGINT) AS course_id, category LIKE '%>InContext' AS in_context
FROM channel
WHERE id <> '' AND TRANSLATE(id, '0123456789', '') = '' AND CHAR_LENGTH(id) <= 18
