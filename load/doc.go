// Package load brings curated snapshots of the lake into the inventory's MySQL database.
//
// Everything of one job and date becomes visible in one commit: its tables, job_run, data_source_status and
// load_record. Dashboards read all day, so that commit is kept short:
//
//  1. Each snapshot is streamed from its Parquet files into a staging table (_load_<table>) without secondary keys.
//  2. What differs from the live table is computed without locks into two small tables: rows to
//     put (_load_put_<table>) and keys to delete (_load_del_<table>).
//  3. One transaction applies these: rows are put parents first, then deleted children first, so that foreign keys hold
//     at every statement, also when a row moves to another parent and the old one goes. Live rows are counted before the commit.
//
// A table that is empty is filled straight from the stream, in the same transaction.
//
// One connection does all that and holds a server-wide lock meanwhile: a second load waits or leaves, and
// a load whose connection broke has lost lock and transaction at once. Staging tables that a killed load
// left behind are dropped by the next.
//
// load_record says which manifest each table holds. Where it names the same manifests and
// the live tables have as many rows as these, there is nothing to do.
//
// # Incremental tables
//
// Dates of incremental tables may be loaded in any order and any number of times. What the tables hold depends only on which
// dates were loaded, each as its newest manifest has it:
//
//   - An hour is as the newest date has it whose interval holds the whole hour (or else a part of it).
//   - A media and its courses are as the newest date has them that tells of the media.
//
// So a load replaces what its date is the newest to tell of, and leaves the rest. load_record keeps the intervals of
// all dates and load_owner the date of each media. When a date was made anew and covers less than before, what it gives up is
// filled again from the older dates in the lake that cover it. Rows that no loaded date ever told of, those
// of an adopted database, stay.
//
// # Tools that users list
//
// The lake holds a placement for every tool; a load keeps those of the tools in lti_type and the meetings found through
// them. Every load reads lti_type again, so a row that users add shows its placements after the next load, with whatever
// date. Removing a row removes its placements at once.
package load
