-- How often media was started, by UTC hour and course. An event that the store holds twice counts once; media
-- that was opened outside a course has no course id and is left out.
WITH event AS (
  SELECT event_id, MIN(event_time) AS event_time, MIN(course_id_text) AS course_id_text
  FROM raw_udp.event
  WHERE course_id_text IS NOT NULL AND event_id <> ''
  GROUP BY event_id
  UNION ALL
  SELECT event_id, event_time, course_id_text
  FROM raw_udp.event
  WHERE course_id_text IS NOT NULL AND event_id = ''
),
numbered AS (
  -- Digit by digit, because a cast would take ' 12 ', '1.6' and '1e3' for numbers too; 18 digits fit every BIGINT.
  SELECT event_time,
         SUBSTR(CAST(event_time AS VARCHAR), 1, 13) AS event_hour_utc,
         course_id_text,
         CASE WHEN course_id_text <> '' AND TRANSLATE(course_id_text, '0123456789', '') = '' AND CHAR_LENGTH(course_id_text) <= 18
              THEN CAST(course_id_text AS BIGINT) END AS course_id
  FROM event
)
SELECT event_hour_utc,
       course_id,
       MAX(event_time) AS event_time_utc_latest,
       COUNT(*) AS event_count,
       CASE WHEN course_id IS NULL THEN CONCAT('kaf:course_id is no number: ', course_id_text) END AS rejected_because
FROM numbered
GROUP BY event_hour_utc, course_id, CASE WHEN course_id IS NULL THEN CONCAT('kaf:course_id is no number: ', course_id_text) END
