-- Drops what stands in the way of the new column types and of repeatable loads: foreign keys between the
-- original's tables (they delete rows by cascade), the indexes that served only them, and the original's unique
-- keys (names are not unique). Their names depend on the history of each database, so they are looked up. Indexes
-- that are not the original's stay. On a new database nothing is found.

-- +goose NO TRANSACTION
-- +goose Up

SET SESSION group_concat_max_len = 65536;

DROP TEMPORARY TABLE IF EXISTS old_keys;

CREATE TEMPORARY TABLE old_keys (t VARCHAR(64) NOT NULL PRIMARY KEY) AS
SELECT t, CONCAT('ALTER TABLE `', t, '` ', GROUP_CONCAT(clause ORDER BY step SEPARATOR ', ')) AS statement
FROM (
  SELECT table_name AS t, 1 AS step, CONCAT('DROP FOREIGN KEY `', constraint_name, '`') AS clause
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND constraint_type = 'FOREIGN KEY'
  UNION ALL
  SELECT s.table_name, 2, CONCAT('DROP INDEX `', s.index_name, '`')
  FROM information_schema.statistics s
  LEFT JOIN information_schema.key_column_usage k
    ON k.table_schema = s.table_schema AND k.table_name = s.table_name AND k.column_name = s.column_name
    AND k.referenced_table_name IS NOT NULL
  WHERE s.table_schema = DATABASE() AND s.index_name <> 'PRIMARY'
  GROUP BY s.table_name, s.index_name
  HAVING MAX(s.seq_in_index) = 1 AND (
    MAX(s.non_unique) = 0 AND MAX(s.column_name) IN ('canvas_id', 'id', 'sis_id', 'name')
    OR SUM(s.index_name IN (k.constraint_name, s.column_name) AND k.column_name IS NOT NULL) > 0)
) AS d
GROUP BY t;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'data_source_status'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'job_run'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'lti_zoom_meeting'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'lti_placement'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'lti_type'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'mivideo_media_courses'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'mivideo_media_created'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'mivideo_media_started_hourly'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'canvas_course_usage'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'enrollment'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'course_section'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'course'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'term'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

SET @s = COALESCE((SELECT statement FROM old_keys WHERE t = 'account'), 'DO 0');
PREPARE s FROM @s;
EXECUTE s;

DEALLOCATE PREPARE s;

DROP TEMPORARY TABLE old_keys;
