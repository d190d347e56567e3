-- The columns as users read them. Canvas' ids need 64 bits, names hold what Canvas allows, times are UTC.
--
-- Text becomes utf8mb4 and keeps the family of its collation, so that tables of users' own can still be
-- joined by it. Columns of their own in these tables stay as they are. Ids of media differ in case.

-- +goose NO TRANSACTION
-- +goose Up

SET SESSION group_concat_max_len = 65536;

DROP TEMPORARY TABLE IF EXISTS wanted;

-- An empty c is the table itself; ~ stands for the collation.
CREATE TEMPORARY TABLE wanted (
  t          VARCHAR(64)  NOT NULL,
  c          VARCHAR(64)  NOT NULL,
  definition VARCHAR(128) NOT NULL,
  meaning    VARCHAR(256) NOT NULL,
  PRIMARY KEY (t, c)
) DEFAULT CHARSET=utf8mb4;

INSERT INTO wanted (t, c, definition, meaning) VALUES
  ('account', 'canvas_id', 'BIGINT NOT NULL', 'Canvas'' id of the account'),
  ('account', 'sis_id', 'VARCHAR(256) ~ NULL', 'Id in the student information system'),
  ('account', 'name', 'VARCHAR(256) ~ NOT NULL', 'Name; two accounts may share one'),
  ('account', '', '', 'Accounts (schools, departments) that a course of the inventory belongs to'),

  ('term', 'canvas_id', 'BIGINT NOT NULL', 'Canvas'' id of the term'),
  ('term', 'name', 'VARCHAR(256) ~ NOT NULL', 'Name, such as Winter 2027'),
  ('term', 'sis_id', 'VARCHAR(256) ~ NULL', 'Id in the student information system'),
  ('term', 'start_at', 'DATETIME NULL', 'First instant of the term, UTC'),
  ('term', 'end_at', 'DATETIME NULL', 'Last instant of the term, UTC'),
  ('term', '', '', 'The terms that the inventory covers'),

  ('course', 'canvas_id', 'BIGINT NOT NULL', 'Canvas'' id of the course'),
  ('course', 'sis_id', 'VARCHAR(256) ~ NULL', 'Id in the student information system'),
  ('course', 'name', 'VARCHAR(512) ~ NOT NULL', 'Name; two courses may share one'),
  ('course', 'account_id', 'BIGINT NOT NULL', 'The account that the course belongs to'),
  ('course', 'term_id', 'BIGINT NOT NULL', 'The term of the course'),
  ('course', 'created_at', 'DATETIME NULL', 'When the course was made in Canvas, UTC'),
  ('course', 'published_at', 'DATETIME NULL', 'When the course was last published, UTC; NULL where no audit event tells'),
  ('course', 'workflow_state', 'VARCHAR(64) ~ NOT NULL', 'State in Canvas: unpublished, available, completed or deleted'),
  ('course', '', '', 'Courses of the terms that have students'),

  ('course_section', 'canvas_id', 'BIGINT NOT NULL', 'Canvas'' id of the section'),
  ('course_section', 'sis_id', 'VARCHAR(256) ~ NULL', 'Id in the student information system, from the Unizin warehouse'),
  ('course_section', 'name', 'VARCHAR(512) ~ NOT NULL', 'Name'),
  ('course_section', '', '', 'Sections that an enrollment of the inventory is in'),

  ('enrollment', 'canvas_id', 'BIGINT NOT NULL', 'Canvas'' id of the enrollment'),
  ('enrollment', 'course_id', 'BIGINT NOT NULL', 'The course'),
  ('enrollment', 'course_section_id', 'BIGINT NOT NULL', 'The section of the course'),
  ('enrollment', 'user_id', 'BIGINT NOT NULL', 'Canvas'' id of the user; a user may hold several enrollments'),
  ('enrollment', 'workflow_state', 'VARCHAR(64) ~ NOT NULL', 'State in Canvas, such as active, invited or completed'),
  ('enrollment', 'role_type', 'VARCHAR(64) ~ NOT NULL', 'Type in Canvas, such as StudentEnrollment or TeacherEnrollment'),
  ('enrollment', '', '', 'Who is in which section, in which role: one row per enrollment'),

  ('canvas_course_usage', 'id', 'BIGINT NOT NULL AUTO_INCREMENT', 'Number of the row, without a meaning outside this table'),
  ('canvas_course_usage', 'course_id', 'BIGINT NOT NULL', 'The course'),
  ('canvas_course_usage', 'views', 'BIGINT NOT NULL', 'Page views in the course on that day'),
  ('canvas_course_usage', 'participations', 'BIGINT NOT NULL', 'Participations (submissions, posts and the like) on that day'),
  ('canvas_course_usage', 'date', 'DATE NOT NULL', 'The day, as Canvas counts it'),
  ('canvas_course_usage', '', '', 'Use of each published course per day; days without any have no row'),

  ('mivideo_media_started_hourly', 'id', 'BIGINT NOT NULL AUTO_INCREMENT', 'Number of the row, without a meaning outside this table'),
  ('mivideo_media_started_hourly', 'event_hour_utc', 'VARCHAR(20) ~ NOT NULL', 'The hour in UTC, as YYYY-MM-DD HH'),
  ('mivideo_media_started_hourly', 'course_id', 'BIGINT NOT NULL', 'Canvas'' id of the course; it may not be in table course'),
  ('mivideo_media_started_hourly', 'event_time_utc_latest', 'DATETIME NOT NULL', 'Time of the last event counted, UTC'),
  ('mivideo_media_started_hourly', 'event_count', 'BIGINT NOT NULL', 'How often a video was started'),
  ('mivideo_media_started_hourly', '', '', 'Starts of MiVideo media, per hour and course'),

  ('mivideo_media_created', 'id', 'VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL', 'Kaltura''s id of the media'),
  ('mivideo_media_created', 'created_at', 'DATETIME NOT NULL', 'When the media was made, UTC'),
  ('mivideo_media_created', 'name', 'VARCHAR(512) ~ NOT NULL', 'Name'),
  ('mivideo_media_created', 'duration', 'BIGINT NOT NULL', 'Length in seconds'),
  ('mivideo_media_created', '', '', 'MiVideo media by their creation'),

  ('mivideo_media_courses', 'media_id', 'VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL', 'The media'),
  ('mivideo_media_courses', 'course_id', 'BIGINT NOT NULL', 'Canvas'' id of the course; it may not be in table course'),
  ('mivideo_media_courses', 'in_context', 'TINYINT(1) NOT NULL DEFAULT 0', '1 where the media belongs to the course''s InContext category'),
  ('mivideo_media_courses', '', '', 'In which courses a MiVideo media is used'),

  ('lti_type', 'canvas_id', 'BIGINT NOT NULL', 'Canvas'' id of the external tool'),
  ('lti_type', 'des', 'VARCHAR(256) ~ NULL', 'What the tool is'),
  ('lti_type', 'rpt_group_nm', 'VARCHAR(256) ~ NULL', 'Name under which reports group tools'),
  ('lti_type', '', '', 'The LTI tools that are reported; rows may be added by hand'),

  ('lti_placement', 'id', 'BIGINT NOT NULL', 'Number of the row, counted by course and tool'),
  ('lti_placement', 'course_id', 'BIGINT NOT NULL', 'Canvas'' id of the course; it may not be in table course'),
  ('lti_placement', 'account_id', 'BIGINT NOT NULL', 'Canvas'' id of the account; it may not be in table account'),
  ('lti_placement', 'course_name', 'VARCHAR(512) ~ NULL', 'Name of the course'),
  ('lti_placement', 'placement_type_id', 'BIGINT NOT NULL', 'The tool'),
  ('lti_placement', '', '', 'Courses that show a tool of lti_type in their navigation'),

  ('lti_zoom_meeting', 'id', 'BIGINT NOT NULL', 'Number of the row'),
  ('lti_zoom_meeting', 'lti_placement_id', 'BIGINT NOT NULL', 'The place where Zoom is used'),
  ('lti_zoom_meeting', 'meeting_id', 'VARCHAR(128) ~ NOT NULL', 'Zoom''s id of the meeting'),
  ('lti_zoom_meeting', 'host_id', 'VARCHAR(128) ~ NOT NULL', 'Zoom''s id of the host'),
  ('lti_zoom_meeting', 'start_time', 'DATETIME NOT NULL', 'When the meeting began, UTC'),
  ('lti_zoom_meeting', 'status', 'INT NULL', 'Status as Zoom tells it'),
  ('lti_zoom_meeting', '', '', 'Past Zoom meetings of courses'),

  ('job_run', 'id', 'BIGINT NOT NULL AUTO_INCREMENT', 'Number of the load'),
  ('job_run', 'job_name', 'VARCHAR(64) ~ NOT NULL', 'Name of the job, as in JOB_NAMES'),
  ('job_run', 'started_at', 'DATETIME NOT NULL', 'When the load began, UTC'),
  ('job_run', 'finished_at', 'DATETIME NOT NULL', 'When its data became visible, UTC'),
  ('job_run', '', '', 'History of loads: one row per job and load'),

  ('data_source_status', 'id', 'BIGINT NOT NULL AUTO_INCREMENT', 'Number of the row, without a meaning outside this table'),
  ('data_source_status', 'data_source_name', 'VARCHAR(64) ~ NOT NULL', 'The source, such as CANVAS_API or UNIZIN_DATA_WAREHOUSE'),
  ('data_source_status', 'data_updated_at', 'DATETIME NOT NULL', 'When the source''s data was current, UTC'),
  ('data_source_status', 'job_run_id', 'BIGINT NOT NULL', 'The load that brought the data'),
  ('data_source_status', '', '', 'How old the data of each source is, per load');

DROP TEMPORARY TABLE IF EXISTS change_to;

CREATE TEMPORARY TABLE change_to (t VARCHAR(64) NOT NULL PRIMARY KEY) DEFAULT CHARSET=utf8mb4 AS
SELECT t, CONCAT('ALTER TABLE `', t, '` ', GROUP_CONCAT(
  IF(c = '',
    CONCAT('DEFAULT ', collation, ', COMMENT = ', QUOTE(meaning)),
    CONCAT('MODIFY `', c, '` ', REPLACE(definition, '~', collation), ' COMMENT ', QUOTE(meaning)))
  ORDER BY position SEPARATOR ', ')) AS statement
FROM (
  SELECT p.t, p.c, p.definition, p.meaning, p.position,
    CONCAT('CHARACTER SET utf8mb4 COLLATE ', IF(LEFT(p.old, 8) = 'utf8mb4_', p.old, COALESCE(k.collation_name, 'utf8mb4_general_ci'))) AS collation
  FROM (
    SELECT w.t, w.c, w.definition, w.meaning, COALESCE(l.ordinal_position, 0) AS position,
      COALESCE(l.collation_name, s.table_collation) AS old
    FROM wanted AS w
    JOIN information_schema.tables AS s ON s.table_schema = DATABASE() AND s.table_name = w.t
    LEFT JOIN information_schema.columns AS l ON l.table_schema = DATABASE() AND l.table_name = w.t AND l.column_name = w.c
  ) AS p
  LEFT JOIN information_schema.collations AS k
    ON k.collation_name = CONCAT('utf8mb4', SUBSTRING(p.old, CHAR_LENGTH(SUBSTRING_INDEX(p.old, '_', 1)) + 1))
) AS d
GROUP BY t;

SET @s = (SELECT statement FROM change_to WHERE t = 'data_source_status');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'job_run');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'lti_zoom_meeting');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'lti_placement');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'lti_type');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'mivideo_media_courses');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'mivideo_media_created');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'mivideo_media_started_hourly');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'canvas_course_usage');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'enrollment');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'course_section');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'course');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'term');
PREPARE s FROM @s;
EXECUTE s;

SET @s = (SELECT statement FROM change_to WHERE t = 'account');
PREPARE s FROM @s;
EXECUTE s;

DEALLOCATE PREPARE s;

DROP TEMPORARY TABLE change_to;

DROP TEMPORARY TABLE wanted;
