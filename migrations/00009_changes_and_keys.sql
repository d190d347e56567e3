-- What loads remember so that they need not compare all rows, what each of them changed, and keys that are off a table while it is filled.
-- One change per statement; each is skipped where an interrupted run of this file made it.

-- +goose NO TRANSACTION
-- +goose Up

SET @s = (
  SELECT IF(COUNT(*) > 0, 'DO 0', 'ALTER TABLE load_record
    ADD COLUMN row_sum BIGINT UNSIGNED NULL COMMENT ''Sum of the CRC-32 of all rows, which tells whether somebody changed them since; NULL where a load does not replace the whole table'' AFTER row_count')
  FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'load_record' AND column_name = 'row_sum'
);
PREPARE s FROM @s;
EXECUTE s;

CREATE TABLE IF NOT EXISTS load_change (
  job_run_id    BIGINT       NOT NULL COMMENT 'The load in job_run',
  table_name    VARCHAR(64)  NOT NULL COMMENT 'The table',
  dt            DATE         NOT NULL COMMENT 'Date of the snapshot that was loaded',
  manifest_path VARCHAR(512) NOT NULL COMMENT 'The snapshot''s manifest in the lake',
  rows_before   BIGINT       NOT NULL COMMENT 'Rows of the table before the load',
  rows_inserted BIGINT       NOT NULL COMMENT 'Rows that the load added',
  rows_updated  BIGINT       NOT NULL COMMENT 'Rows that the load changed',
  rows_deleted  BIGINT       NOT NULL COMMENT 'Rows that the load removed',
  PRIMARY KEY (job_run_id, table_name),
  INDEX idx_load_change_table (table_name, job_run_id),
  CONSTRAINT fk_load_change_run FOREIGN KEY (job_run_id) REFERENCES job_run (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT = 'What each load changed in each table';

CREATE TABLE IF NOT EXISTS load_key (
  table_name VARCHAR(64) NOT NULL COMMENT 'The table',
  key_name   VARCHAR(64) NOT NULL COMMENT 'Name of the key',
  definition TEXT        NOT NULL COMMENT 'The key, as ALTER TABLE … ADD takes it',
  PRIMARY KEY (table_name, key_name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT = 'Keys that are off a table while a load fills it; empty otherwise';

DEALLOCATE PREPARE s;
