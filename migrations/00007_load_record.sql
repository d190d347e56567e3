-- What the database holds, as the loads themselves record it in the commit that makes it visible.

-- +goose NO TRANSACTION
-- +goose Up

CREATE TABLE IF NOT EXISTS load_record (
  table_name      VARCHAR(64)  NOT NULL COMMENT 'The table',
  dt              DATE         NOT NULL COMMENT 'Date of the snapshot that the table holds',
  job_name        VARCHAR(64)  NOT NULL COMMENT 'The job that the table was loaded for',
  manifest_path   VARCHAR(512) NOT NULL COMMENT 'The snapshot''s manifest in the lake',
  manifest_sha256 CHAR(64)     NOT NULL COMMENT 'SHA-256 of the manifest''s bytes, hexadecimal',
  row_count       BIGINT       NOT NULL COMMENT 'Rows of the snapshot',
  rows_inserted   BIGINT       NOT NULL COMMENT 'Rows that the load added',
  rows_updated    BIGINT       NOT NULL COMMENT 'Rows that the load changed',
  rows_deleted    BIGINT       NOT NULL COMMENT 'Rows that the load removed',
  loaded_at       DATETIME     NOT NULL COMMENT 'When the rows became visible, UTC',
  job_run_id      BIGINT       NULL     COMMENT 'The load in job_run',
  run_id          VARCHAR(32)  NOT NULL COMMENT 'The load''s run record in the lake',
  tool_version    VARCHAR(64)  NOT NULL COMMENT 'Version of the program that loaded',
  PRIMARY KEY (table_name, dt),
  INDEX idx_load_record_run (job_run_id),
  CONSTRAINT fk_load_record_run FOREIGN KEY (job_run_id) REFERENCES job_run (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
  COMMENT = 'Which snapshot of the lake each table holds';
