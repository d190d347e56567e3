// Package lake stores dated snapshots of tables as Parquet files in a bucket.
//
// # Layout
//
//	raw/<source>/<table>/dt=YYYY-MM-DD/run=<ULID>/part-00000.parquet
//	raw/<source>/<table>/dt=YYYY-MM-DD/_manifest-000001.json
//	curated/<table>/dt=YYYY-MM-DD/run=<ULID>/part-00000.parquet
//	curated/<table>/dt=YYYY-MM-DD/_manifest-000001.json
//	_runs/<ULID>.json           what each run of a stage did
//	_checkpoints/…              what an extract under way has fetched
//	_catalog/…                  derived from the manifests, for DuckDB (package lake/catalog)
//	_reports/…, _lineage/…      derived from the runs
//	_probe/created-once         by which a bucket proves that it honours create-if-absent
//
// # The commit rule
//
// A snapshot is whole or absent. Parts are written under a run id that no reader
// knows; [Lake.Commit] then creates the next manifest number of the table and date, which must
// not exist yet. The manifest with the highest number is the snapshot. Readers learn file
// names from manifests only, so whatever a crashed or losing run left behind is never read.
//
// A manifest is immutable; committing the same date again adds a number and leaves the
// older ones in place. A manifest may also say that the date was removed: then there is no snapshot, until a later manifest
// makes one. Nothing deletes but a clean-up (package lake/upkeep), and only what no snapshot needs.
//
// # When things go wrong
//
// A reader sees the old snapshot or the new one, whichever call fails, is repeated, gets no reply or is the last of a killed process. What
// [Lake.Commit] reports as done is done. What it reports as failed may yet have been done, so files once given to it are never
// discarded; a clean-up removes those that no manifest came to name.
//
// On disk a file's bytes are synced before it gets its name, and the directories above it before it is reported. All parts are reported before
// their manifest is created, so no power loss leaves a manifest without its parts. Killed processes leave
// temporary files, named .tmp-*, which nobody reads.
//
// The tables of one extract are commits of their own. Each manifest lists those that its run commits with it, and [Lake.Together]
// passes over a run that did not get to the end.
//
// # Stores
//
// Any gocloud.dev/blob driver with conditional writes serves; its URL scheme works as soon as the program
// imports the driver. Files on disk (file://) and memory (mem://) are built in; on disk an object is a synced temporary file,
// linked into place, so that processes exclude each other as well as goroutines do.
package lake
