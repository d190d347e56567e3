"""Reads a lake's catalog.sql (argv[1]) as a notebook would: with Python's DuckDB and over more than one connection."""

import sys

import duckdb

first = duckdb.connect()
with open(sys.argv[1]) as statements:
    first.execute(statements.read())
second = first.cursor()
print(duckdb.__version__)
print(*second.execute("FROM curated.course_asof('2026-10-01') WHERE canvas_id = 42").fetchone())
print(second.execute("SELECT current_setting('TimeZone')").fetchone()[0])
