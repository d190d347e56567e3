-- The tables as the original program's last migration (0023) left them. A database that it filled
-- has them already; an empty one gets them here, so that everything after this file
-- starts from one and the same state. Keys other than the primary ones follow in 00005.
--
-- A table that an older version of the original did not have yet gets the collation of its others. On an empty
-- database it is one that both MariaDB and MySQL know and that tells emoji apart.

-- +goose NO TRANSACTION
-- +goose Up

SET @end = CONCAT(') ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=', COALESCE((
  SELECT table_collation FROM information_schema.tables
  WHERE table_schema = DATABASE() AND table_name = 'course' AND LEFT(table_collation, 8) = 'utf8mb4_'
), IF((
  SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'course'
), 'utf8mb4_general_ci', 'utf8mb4_unicode_520_ci')));

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS account (
  canvas_id INT          NOT NULL PRIMARY KEY,
  sis_id    VARCHAR(256) NULL,
  name      VARCHAR(100) NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS term (
  canvas_id INT          NOT NULL PRIMARY KEY,
  name      VARCHAR(100) NOT NULL,
  sis_id    INT          NULL,
  start_at  DATETIME     NULL,
  end_at    DATETIME     NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS course (
  canvas_id      INT          NOT NULL PRIMARY KEY,
  sis_id         VARCHAR(256) NULL,
  name           VARCHAR(256) NOT NULL,
  account_id     INT          NOT NULL,
  term_id        INT          NOT NULL,
  created_at     DATETIME     NULL,
  published_at   DATETIME     NULL,
  workflow_state VARCHAR(25)  NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS course_section (
  canvas_id INT          NOT NULL PRIMARY KEY,
  sis_id    VARCHAR(256) NULL,
  name      VARCHAR(200) NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS enrollment (
  canvas_id         INT         NOT NULL PRIMARY KEY,
  course_id         INT         NOT NULL,
  course_section_id INT         NOT NULL,
  user_id           BIGINT      NOT NULL,
  workflow_state    VARCHAR(25) NOT NULL,
  role_type         VARCHAR(25) NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS canvas_course_usage (
  id             BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  course_id      INT    NOT NULL,
  views          INT    NOT NULL,
  participations INT    NOT NULL,
  date           DATE   NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS mivideo_media_started_hourly (
  id                    BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
  event_hour_utc        VARCHAR(20) NOT NULL,
  course_id             INT         NOT NULL,
  event_time_utc_latest DATETIME    NOT NULL,
  event_count           BIGINT      NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS mivideo_media_created (
  id         VARCHAR(20)  NOT NULL PRIMARY KEY,
  created_at DATETIME     NOT NULL,
  name       VARCHAR(200) NOT NULL,
  duration   BIGINT       NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS mivideo_media_courses (
  media_id   VARCHAR(20) NOT NULL,
  course_id  INT         NOT NULL,
  in_context TINYINT(1)  NOT NULL DEFAULT 0,
  PRIMARY KEY (media_id, course_id, in_context)', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS lti_type (
  canvas_id    INT          NOT NULL PRIMARY KEY,
  des          VARCHAR(200) NULL,
  rpt_group_nm VARCHAR(200) NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS lti_placement (
  id                BIGINT       NOT NULL PRIMARY KEY,
  course_id         INT          NOT NULL,
  account_id        INT          NOT NULL,
  course_name       VARCHAR(200) NULL,
  placement_type_id INT          NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS lti_zoom_meeting (
  id               BIGINT       NOT NULL PRIMARY KEY,
  lti_placement_id BIGINT       NOT NULL,
  meeting_id       VARCHAR(100) NOT NULL,
  host_id          VARCHAR(100) NOT NULL,
  start_time       DATETIME     NOT NULL,
  status           INT          NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS job_run (
  id          INT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
  job_name    VARCHAR(50) NOT NULL,
  started_at  DATETIME    NOT NULL,
  finished_at DATETIME    NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

SET @s = CONCAT('CREATE TABLE IF NOT EXISTS data_source_status (
  id               INT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
  data_source_name VARCHAR(50) NOT NULL,
  data_updated_at  DATETIME    NOT NULL,
  job_run_id       INT         NOT NULL', @end);
PREPARE s FROM @s;
EXECUTE s;

DEALLOCATE PREPARE s;
