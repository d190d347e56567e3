-- Keys under our own names: what makes loads repeatable, what keeps references whole, what joins in dashboards use.
-- One ALTER per table, which happens wholly or not at all; it is skipped where an interrupted run of this file did it.
--
-- Older versions of the original kept some rows without the parents that these keys ask for: courses without accounts,
-- placements without types. The first load replaces them, so they are not looked at here.

-- +goose NO TRANSACTION
-- +goose Up

SET SESSION foreign_key_checks = 0;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE course
    ADD INDEX idx_course_account (account_id),
    ADD INDEX idx_course_term (term_id),
    ADD CONSTRAINT fk_course_account FOREIGN KEY (account_id) REFERENCES account (canvas_id),
    ADD CONSTRAINT fk_course_term FOREIGN KEY (term_id) REFERENCES term (canvas_id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'course' AND constraint_name = 'fk_course_account'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE enrollment
    ADD INDEX idx_enrollment_course (course_id),
    ADD INDEX idx_enrollment_section (course_section_id),
    ADD CONSTRAINT fk_enrollment_course FOREIGN KEY (course_id) REFERENCES course (canvas_id),
    ADD CONSTRAINT fk_enrollment_section FOREIGN KEY (course_section_id) REFERENCES course_section (canvas_id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'enrollment' AND constraint_name = 'fk_enrollment_course'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE canvas_course_usage
    ADD UNIQUE INDEX uq_usage_course_date (course_id, date),
    ADD INDEX idx_usage_date (date),
    ADD CONSTRAINT fk_usage_course FOREIGN KEY (course_id) REFERENCES course (canvas_id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'canvas_course_usage' AND constraint_name = 'fk_usage_course'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE mivideo_media_started_hourly
    ADD UNIQUE INDEX uq_started_hour_course (event_hour_utc, course_id),
    ADD INDEX idx_started_course (course_id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'mivideo_media_started_hourly' AND constraint_name = 'uq_started_hour_course'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE mivideo_media_courses
    ADD INDEX idx_media_courses_course (course_id),
    ADD CONSTRAINT fk_media_courses_media FOREIGN KEY (media_id) REFERENCES mivideo_media_created (id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'mivideo_media_courses' AND constraint_name = 'fk_media_courses_media'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE lti_placement
    ADD INDEX idx_placement_course (course_id),
    ADD INDEX idx_placement_type (placement_type_id),
    ADD CONSTRAINT fk_placement_type FOREIGN KEY (placement_type_id) REFERENCES lti_type (canvas_id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'lti_placement' AND constraint_name = 'fk_placement_type'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE lti_zoom_meeting
    ADD INDEX idx_meeting_placement (lti_placement_id),
    ADD CONSTRAINT fk_meeting_placement FOREIGN KEY (lti_placement_id) REFERENCES lti_placement (id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'lti_zoom_meeting' AND constraint_name = 'fk_meeting_placement'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE data_source_status
    ADD INDEX idx_source_status_run (job_run_id),
    ADD CONSTRAINT fk_source_status_run FOREIGN KEY (job_run_id) REFERENCES job_run (id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'data_source_status' AND constraint_name = 'fk_source_status_run'
);
PREPARE s FROM @s;
EXECUTE s;

DEALLOCATE PREPARE s;

SET SESSION foreign_key_checks = 1;
