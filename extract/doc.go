// Package extract copies what a source knows into the lake's raw tables.
//
// A [Source] is a list of tables. A [Table] is a value: a name, a key to sort by and a function that yields rows;
// [NewTable] hides the row type, so that all tables stand in one list. A row type is a flat struct
// with parquet and doc tags that keeps the source's own fields and values.
//
// [Run] writes the tables of one source for one date, all or nothing: it commits their manifests at
// the very end, after every table is complete.
//
// A snapshot that lost much against the one before is refused ([Table.Rests]).
//
// To add a table, write one file in the source's package (row struct and fetch) and one line in its list. To add a
// source, write a package with an Open function and let it pass extracttest.
package extract
