-- The columns as users read them. Canvas' ids need 64 bits, names hold what Canvas allows, times are UTC.
-- The collation is one that both MariaDB and MySQL know and that tells emoji apart.

-- +goose NO TRANSACTION
-- +goose Up

ALTER TABLE account
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY canvas_id BIGINT       NOT NULL COMMENT 'Canvas'' id of the account',
  MODIFY sis_id    VARCHAR(256) NULL     COMMENT 'Id in the student information system',
  MODIFY name      VARCHAR(256) NOT NULL COMMENT 'Name; two accounts may share one',
  COMMENT = 'Accounts (schools, departments) that a course of the inventory belongs to';

ALTER TABLE term
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY canvas_id BIGINT       NOT NULL COMMENT 'Canvas'' id of the term',
  MODIFY name      VARCHAR(256) NOT NULL COMMENT 'Name, such as Winter 2027',
  MODIFY sis_id    VARCHAR(256) NULL     COMMENT 'Id in the student information system',
  MODIFY start_at  DATETIME     NULL     COMMENT 'First instant of the term, UTC',
  MODIFY end_at    DATETIME     NULL     COMMENT 'Last instant of the term, UTC',
  COMMENT = 'The terms that the inventory covers';

ALTER TABLE course
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY canvas_id      BIGINT       NOT NULL COMMENT 'Canvas'' id of the course',
  MODIFY sis_id         VARCHAR(256) NULL     COMMENT 'Id in the student information system',
  MODIFY name           VARCHAR(512) NOT NULL COMMENT 'Name; two courses may share one',
  MODIFY account_id     BIGINT       NOT NULL COMMENT 'The account that the course belongs to',
  MODIFY term_id        BIGINT       NOT NULL COMMENT 'The term of the course',
  MODIFY created_at     DATETIME     NULL     COMMENT 'When the course was made in Canvas, UTC',
  MODIFY published_at   DATETIME     NULL     COMMENT 'When the course was last published, UTC; NULL where no audit event tells',
  MODIFY workflow_state VARCHAR(64)  NOT NULL COMMENT 'State in Canvas: unpublished, available, completed or deleted',
  COMMENT = 'Courses of the terms that have students';

ALTER TABLE course_section
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY canvas_id BIGINT       NOT NULL COMMENT 'Canvas'' id of the section',
  MODIFY sis_id    VARCHAR(256) NULL     COMMENT 'Id in the student information system, from the Unizin warehouse',
  MODIFY name      VARCHAR(512) NOT NULL COMMENT 'Name',
  COMMENT = 'Sections that an enrollment of the inventory is in';

ALTER TABLE enrollment
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY canvas_id         BIGINT      NOT NULL COMMENT 'Canvas'' id of the enrollment',
  MODIFY course_id         BIGINT      NOT NULL COMMENT 'The course',
  MODIFY course_section_id BIGINT      NOT NULL COMMENT 'The section of the course',
  MODIFY user_id           BIGINT      NOT NULL COMMENT 'Canvas'' id of the user; a user may hold several enrollments',
  MODIFY workflow_state    VARCHAR(64) NOT NULL COMMENT 'State in Canvas, such as active, invited or completed',
  MODIFY role_type         VARCHAR(64) NOT NULL COMMENT 'Type in Canvas, such as StudentEnrollment or TeacherEnrollment',
  COMMENT = 'Who is in which section, in which role: one row per enrollment';

ALTER TABLE canvas_course_usage
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY id             BIGINT NOT NULL AUTO_INCREMENT COMMENT 'Number of the row, without a meaning outside this table',
  MODIFY course_id      BIGINT NOT NULL COMMENT 'The course',
  MODIFY views          BIGINT NOT NULL COMMENT 'Page views in the course on that day',
  MODIFY participations BIGINT NOT NULL COMMENT 'Participations (submissions, posts and the like) on that day',
  MODIFY date           DATE   NOT NULL COMMENT 'The day, as Canvas counts it',
  COMMENT = 'Use of each published course per day; days without any have no row';

ALTER TABLE mivideo_media_started_hourly
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY id                    BIGINT      NOT NULL AUTO_INCREMENT COMMENT 'Number of the row, without a meaning outside this table',
  MODIFY event_hour_utc        VARCHAR(20) NOT NULL COMMENT 'The hour in UTC, as YYYY-MM-DD HH',
  MODIFY course_id             BIGINT      NOT NULL COMMENT 'Canvas'' id of the course; it may not be in table course',
  MODIFY event_time_utc_latest DATETIME    NOT NULL COMMENT 'Time of the last event counted, UTC',
  MODIFY event_count           BIGINT      NOT NULL COMMENT 'How often a video was started',
  COMMENT = 'Starts of MiVideo media, per hour and course';

ALTER TABLE mivideo_media_created
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY id         VARCHAR(64) COLLATE utf8mb4_bin NOT NULL COMMENT 'Kaltura''s id of the media',
  MODIFY created_at DATETIME     NOT NULL COMMENT 'When the media was made, UTC',
  MODIFY name       VARCHAR(512) NOT NULL COMMENT 'Name',
  MODIFY duration   BIGINT       NOT NULL COMMENT 'Length in seconds',
  COMMENT = 'MiVideo media by their creation';

ALTER TABLE mivideo_media_courses
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY media_id   VARCHAR(64) COLLATE utf8mb4_bin NOT NULL COMMENT 'The media',
  MODIFY course_id  BIGINT     NOT NULL COMMENT 'Canvas'' id of the course; it may not be in table course',
  MODIFY in_context TINYINT(1) NOT NULL DEFAULT 0 COMMENT '1 where the media belongs to the course''s InContext category',
  COMMENT = 'In which courses a MiVideo media is used';

ALTER TABLE lti_type
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY canvas_id    BIGINT       NOT NULL COMMENT 'Canvas'' id of the external tool',
  MODIFY des          VARCHAR(256) NULL     COMMENT 'What the tool is',
  MODIFY rpt_group_nm VARCHAR(256) NULL     COMMENT 'Name under which reports group tools',
  COMMENT = 'The LTI tools that are reported; rows may be added by hand';

ALTER TABLE lti_placement
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY id                BIGINT       NOT NULL COMMENT 'Number of the row, counted by course and tool',
  MODIFY course_id         BIGINT       NOT NULL COMMENT 'Canvas'' id of the course; it may not be in table course',
  MODIFY account_id        BIGINT       NOT NULL COMMENT 'Canvas'' id of the account; it may not be in table account',
  MODIFY course_name       VARCHAR(512) NULL     COMMENT 'Name of the course',
  MODIFY placement_type_id BIGINT       NOT NULL COMMENT 'The tool',
  COMMENT = 'Courses that show a tool of lti_type in their navigation';

ALTER TABLE lti_zoom_meeting
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY id               BIGINT       NOT NULL COMMENT 'Number of the row',
  MODIFY lti_placement_id BIGINT       NOT NULL COMMENT 'The place where Zoom is used',
  MODIFY meeting_id       VARCHAR(128) NOT NULL COMMENT 'Zoom''s id of the meeting',
  MODIFY host_id          VARCHAR(128) NOT NULL COMMENT 'Zoom''s id of the host',
  MODIFY start_time       DATETIME     NOT NULL COMMENT 'When the meeting began, UTC',
  MODIFY status           INT          NULL     COMMENT 'Status as Zoom tells it',
  COMMENT = 'Past Zoom meetings of courses';

ALTER TABLE job_run
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY id          BIGINT      NOT NULL AUTO_INCREMENT COMMENT 'Number of the load',
  MODIFY job_name    VARCHAR(64) NOT NULL COMMENT 'Name of the job, as in JOB_NAMES',
  MODIFY started_at  DATETIME    NOT NULL COMMENT 'When the load began, UTC',
  MODIFY finished_at DATETIME    NOT NULL COMMENT 'When its data became visible, UTC',
  COMMENT = 'History of loads: one row per job and load';

ALTER TABLE data_source_status
  CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci,
  MODIFY id               BIGINT      NOT NULL AUTO_INCREMENT COMMENT 'Number of the row, without a meaning outside this table',
  MODIFY data_source_name VARCHAR(64) NOT NULL COMMENT 'The source, such as CANVAS_API or UNIZIN_DATA_WAREHOUSE',
  MODIFY data_updated_at  DATETIME    NOT NULL COMMENT 'When the source''s data was current, UTC',
  MODIFY job_run_id       BIGINT      NOT NULL COMMENT 'The load that brought the data',
  COMMENT = 'How old the data of each source is, per load';
