-- The tables of course-inventory's lake in DuckDB, made from the manifests. Every commit writes this file anew.
--
--   duckdb -init catalog.sql
--   FROM curated.course;                         the newest date
--   FROM curated.course_asof('2026-10-01');      as it was on a date
--   FROM curated.course_all;                     all dates, in the column dt
--   FROM lake.snapshots;                         what there is
--
-- The place of the lake stands in the macro lake.url alone. For a lake that has moved, or that another machine sees elsewhere:
--
--   SET VARIABLE lake = 's3://bucket/folder';
--   .read catalog.sql

-- All times are UTC; so is what every session takes for the day of an instant.
SET GLOBAL TimeZone = 'UTC';

CREATE SCHEMA IF NOT EXISTS lake;
CREATE OR REPLACE MACRO lake.url() AS coalesce(rtrim(getvariable('lake'), '/'), '{place}');

CREATE OR REPLACE VIEW lake.files AS FROM read_parquet(lake.url() || '/_catalog/files.parquet');
COMMENT ON VIEW lake.files IS 'the files of the newest snapshots of all tables and dates; read when asked, so it may know of more than the views';
CREATE OR REPLACE VIEW lake.snapshots AS
SELECT schema_name, table_name, dt, number, run_id, tool_version, simulated_clock, source_as_of, started_at, finished_at, interval_from, interval_to,
       count(path) AS files, CAST(sum("rows") AS BIGINT) AS "rows", CAST(sum(bytes) AS BIGINT) AS bytes, manifest
FROM lake.files
WHERE NOT removed
GROUP BY ALL;
COMMENT ON VIEW lake.snapshots IS 'the newest snapshot of every table and date, by the run that made it';

-- A table's files are lines of a text, a date each, newest first. DuckDB chooses among them before it opens any. A date
-- without files has a line that ends in /none.
CREATE OR REPLACE MACRO lake.last_of(as_of) AS CAST(CAST(as_of AS DATE) AS VARCHAR) || '/z';
CREATE OR REPLACE MACRO lake.place_of(lines, as_of) AS list_position(list_reverse_sort(list_append(lines, lake.last_of(as_of))), lake.last_of(as_of));
CREATE OR REPLACE MACRO lake.refuse(folder, lines, as_of) AS
  error(folder || ' begins on ' || left(lines[-1], 10) || ' and has no snapshot of ' || coalesce(CAST(as_of AS VARCHAR), 'NULL') || ' or before');
CREATE OR REPLACE MACRO lake.newest(folder, lines, as_of) AS [coalesce(lines[lake.place_of(lines, as_of)], lake.refuse(folder, lines, as_of))];
CREATE OR REPLACE MACRO lake.known(folder, lines, as_of) AS
  CASE WHEN coalesce(lake.place_of(lines, as_of) <= len(lines), false) THEN lines[lake.place_of(lines, as_of):] ELSE lake.refuse(folder, lines, as_of) END;
CREATE OR REPLACE MACRO lake.paths(folder, lines) AS
  string_split(regexp_replace(lake.url() || '/' || folder || '/dt=' || replace(array_to_string(lines, chr(9)), chr(9), chr(9) || lake.url() || '/' || folder || '/dt='),
    '[^\t]*/dt=[0-9-]{10}/none(\t|$)', lake.url() || '/_catalog/empty.parquet\1', 'g'), chr(9));
CREATE OR REPLACE MACRO lake.date_of(path) AS TRY_CAST(regexp_extract(path, '/dt=([0-9]{4}-[0-9]{2}-[0-9]{2})/run=[^/]+/[^/]+$', 1) AS DATE);

-- Which date's rows an incremental table shows: of every stretch between the ends of intervals those of the newest date that saw it
-- wholly, else of the newest that saw a part of it. A line of claims is a date, the stretch that it saw wholly, and the one of which it saw at least a part.
CREATE OR REPLACE MACRO lake.owners(claims, as_of) AS TABLE
WITH claim AS (
  SELECT CAST(c[1] AS DATE) AS dt, c[2] AS whole_from, c[3] AS whole_to, c[4] AS seen_from, c[5] AS seen_to
  FROM (SELECT string_split(unnest(string_split(claims, chr(10))), '|') AS c)
  WHERE CAST(c[1] AS DATE) <= CAST(as_of AS DATE)
),
bound AS (SELECT DISTINCT unnest([whole_from, whole_to, seen_from, seen_to]) AS since FROM claim),
stretch AS (SELECT since, lead(since) OVER (ORDER BY since) AS until FROM bound)
SELECT max_by(claim.dt, (claim.whole_from <= stretch.since AND stretch.since < claim.whole_to, claim.dt)) AS dt, stretch.since, stretch.until
FROM stretch INNER JOIN claim ON claim.seen_from <= stretch.since AND stretch.since < claim.seen_to
GROUP BY stretch.since, stretch.until;
