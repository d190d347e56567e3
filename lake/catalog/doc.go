// Package catalog tells what a lake holds without reading all its manifests, and shows it to DuckDB.
//
// # Two objects
//
//	_catalog/files.parquet   a row for every file of every live snapshot, with what its manifest says
//	_catalog/catalog.sql     the tables as views and macros of DuckDB, over exactly these files
//
// Both are derived from the manifests, and nothing but speed is lost with them. Manifests are immutable, so files.parquet
// is an index that never gets wrong, only incomplete: [Load] lists the lake and reads the manifests that the index does not know.
//
// catalog.sql names the files itself and needs nothing else, so whoever reads it sees one state of the lake, whatever
// happens to files.parquet meanwhile. That one is, to DuckDB, only a table about tables.
//
// # Staying up to date
//
// [Rebuild] writes both objects and then lists the lake again, until nothing new has come. Of rebuilds that overlap, the one that
// writes last has therefore listed after every other commit that a rebuild has seen, or goes round once more. A
// rebuild that is killed leaves an older catalog, never a wrong one; the next one catches up.
package catalog
