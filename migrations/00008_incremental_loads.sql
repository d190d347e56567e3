-- What loads of incremental tables remember, rows of lti_type that users can remove, and ids of media that differ in case.
-- One change per statement; each is skipped where an interrupted run of this file made it.

-- +goose NO TRANSACTION
-- +goose Up

-- As in 00005.
SET SESSION foreign_key_checks = 0;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE load_record
    ADD COLUMN interval_from DATETIME(6) NULL COMMENT ''First instant that the snapshot of an incremental table covers, UTC'' AFTER manifest_sha256,
    ADD COLUMN interval_to DATETIME(6) NULL COMMENT ''First instant that it does not cover any more, UTC'' AFTER interval_from,
    COMMENT = ''Which snapshots of the lake each table holds: the newest loaded one, of an incremental table one per date''')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'load_record' AND column_name = 'interval_to'
);
PREPARE s FROM @s;
EXECUTE s;

CREATE TABLE IF NOT EXISTS load_owner (
  table_name VARCHAR(64)  NOT NULL COMMENT 'The table',
  row_key    VARCHAR(128) COLLATE utf8mb4_bin NOT NULL COMMENT 'Id of a row',
  dt         DATE         NOT NULL COMMENT 'The newest loaded date that tells of the row; an older one does not replace it',
  PRIMARY KEY (table_name, row_key),
  INDEX idx_load_owner_dt (table_name, dt)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT = 'Which date each row of an incremental table comes from, where rows are replaced by id';

-- Who removes a tool from lti_type wants no more of it.
SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE lti_placement
    ADD CONSTRAINT fk_placement_lti_type FOREIGN KEY (placement_type_id) REFERENCES lti_type (canvas_id) ON DELETE CASCADE')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'lti_placement' AND constraint_name = 'fk_placement_lti_type'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) = 0, 'DO 0', 'ALTER TABLE lti_placement DROP FOREIGN KEY fk_placement_type')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'lti_placement' AND constraint_name = 'fk_placement_type'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE lti_zoom_meeting
    ADD CONSTRAINT fk_meeting_lti_placement FOREIGN KEY (lti_placement_id) REFERENCES lti_placement (id) ON DELETE CASCADE')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'lti_zoom_meeting' AND constraint_name = 'fk_meeting_lti_placement'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) = 0, 'DO 0', 'ALTER TABLE lti_zoom_meeting DROP FOREIGN KEY fk_meeting_placement')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'lti_zoom_meeting' AND constraint_name = 'fk_meeting_placement'
);
PREPARE s FROM @s;
EXECUTE s;

-- Ids of media differ in case too. 00003 said so, but MariaDB lets the table's collation win where one statement names both.
SET @s = (
  SELECT IF(SUM(collation_name <> 'utf8mb4_bin') = 0 OR (
      SELECT COUNT(*) FROM information_schema.table_constraints
      WHERE constraint_schema = DATABASE() AND table_name = 'mivideo_media_courses' AND constraint_name = 'fk_media_courses_media'
    ) = 0, 'DO 0', 'ALTER TABLE mivideo_media_courses DROP FOREIGN KEY fk_media_courses_media')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND (table_name = 'mivideo_media_created' AND column_name = 'id' OR table_name = 'mivideo_media_courses' AND column_name = 'media_id')
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(collation_name = 'utf8mb4_bin', 'DO 0', 'ALTER TABLE mivideo_media_created
    MODIFY id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT ''Kaltura''''s id of the media''')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'mivideo_media_created' AND column_name = 'id'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(collation_name = 'utf8mb4_bin', 'DO 0', 'ALTER TABLE mivideo_media_courses
    MODIFY media_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT ''The media''')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'mivideo_media_courses' AND column_name = 'media_id'
);
PREPARE s FROM @s;
EXECUTE s;

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE mivideo_media_courses
    ADD CONSTRAINT fk_media_courses_media FOREIGN KEY (media_id) REFERENCES mivideo_media_created (id)')
  FROM information_schema.table_constraints
  WHERE constraint_schema = DATABASE() AND table_name = 'mivideo_media_courses' AND constraint_name = 'fk_media_courses_media'
);
PREPARE s FROM @s;
EXECUTE s;

DEALLOCATE PREPARE s;

SET SESSION foreign_key_checks = 1;
