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
package load
