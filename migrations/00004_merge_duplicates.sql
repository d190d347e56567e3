-- One row per hour and course, per course and day, before 00005 insists on it.
--
-- The original closed an interval in the middle of an hour, so that two runs shared it: such rows are parts and are added up.
-- Rows alike in count and latest time are the same part loaded twice and count once.

-- +goose Up

UPDATE mivideo_media_started_hourly AS h
JOIN (
  SELECT MIN(id) AS id, MAX(event_time_utc_latest) AS latest, SUM(event_count) AS events
  FROM (
    SELECT MIN(id) AS id, event_hour_utc, course_id, event_time_utc_latest, event_count
    FROM mivideo_media_started_hourly
    GROUP BY event_hour_utc, course_id, event_time_utc_latest, event_count
  ) AS part
  GROUP BY event_hour_utc, course_id
) AS whole ON whole.id = h.id
SET h.event_time_utc_latest = whole.latest, h.event_count = whole.events;

DELETE h
FROM mivideo_media_started_hourly AS h
JOIN (
  SELECT MIN(id) AS id, event_hour_utc, course_id
  FROM mivideo_media_started_hourly
  GROUP BY event_hour_utc, course_id
  HAVING COUNT(*) > 1
) AS kept ON kept.event_hour_utc = h.event_hour_utc AND kept.course_id = h.course_id AND kept.id < h.id;

-- Usage is a snapshot that the next load replaces; the later of two rows is the newer.
DELETE u
FROM canvas_course_usage AS u
JOIN (
  SELECT MAX(id) AS id, course_id, date
  FROM canvas_course_usage
  GROUP BY course_id, date
  HAVING COUNT(*) > 1
) AS kept ON kept.course_id = u.course_id AND kept.date = u.date AND kept.id > u.id;
