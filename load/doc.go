// Package load brings curated snapshots of the lake into the inventory's MySQL database.
//
// Everything of one job and date becomes visible in one commit: its tables, job_run, data_source_status and
// load_record. Dashboards read all day, so that commit is kept short:
//
//  1. load_record names the snapshot that each table holds. That and the new one are sorted by key, so a merge of their files
//     tells which rows to insert, update and delete, and only these are sent, into a small table (_load_change_<table>).
//  2. Meanwhile a second connection sums up the live rows. Where that is not the sum of the record, because somebody edited them, or
//     where the old snapshot is not to be had, the new one is streamed into a staging table without secondary
//     keys (_load_<table>) and compared with the live rows there, without locks.
//  3. One transaction applies the changes: rows are put parents first, then deleted children first, so that foreign keys hold
//     at every statement, also when a row moves to another parent and the old one goes. Each statement must
//     affect exactly the rows that it is to affect.
//
// A table that is empty is filled straight from the stream, in the same transaction. Before a large one is, its secondary keys and
// references are taken off; they are added after the commit, and load_key remembers them meanwhile. So readers see no rows or all, the
// references are checked by this program before the commit, and only queries that need an index take longer for a while.
//
// One connection does all that and holds a server-wide lock meanwhile: a second load waits or leaves, and
// a load whose connection broke has lost lock and transaction at once. Staging tables that a killed load
// left behind are dropped by the next, and keys that it left off are put back.
//
// Where load_record names the same manifests and the sums of the live tables are those of these, there is nothing to do.
// load_change keeps what each load changed.
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
// A date in the future was loaded by a run under a wrong clock. The next load withdraws it first, as if it had never been loaded.
//
// # Tools that users list
//
// The lake holds a placement for every tool; a load keeps those of the tools in lti_type and the meetings found through
// them. Every load reads lti_type again, so a row that users add shows its placements after the next load, with whatever
// date. Removing a row removes its placements at once.
package load
