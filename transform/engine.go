package transform

import (
	"context"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Engine is what evaluates the models.
type Engine interface {
	// Open starts a session that may write below dir, the caller's, and can read nothing but dir
	// and the given files. The caller closes the session.
	Open(ctx context.Context, dir string, files []string) (Session, error)
}

// Session evaluates SELECTs over named views. It is used by one goroutine at a time. Its
// errors have a class where an operator can do something about them; a cancelled
// context ends a statement with the context's error.
type Session interface {
	// View makes the rows of Parquet files known under a name such as "raw_canvas.course", with just the
	// given columns, in place of an earlier view of that name. No files means no rows.
	View(ctx context.Context, name string, files []string, columns []lake.Column) error
	// Write evaluates a SELECT and writes its rows, sorted, to a file. It is an error if the SELECT yields
	// other columns or types than the output names.
	Write(ctx context.Context, query string, out Output) error
	// Find counts what a SELECT finds and returns up to limit of its rows as text, the smallest first.
	Find(ctx context.Context, query string, count Count, limit int) (rows int64, examples []string, err error)
	// Close ends the session and frees what it holds.
	Close() error
}

// Count is the SQL aggregate by which [Session.Find] counts.
type Count string

// What [Session.Find] counts.
const (
	EachRow Count = "COUNT(*)"                                // each row of the SELECT
	ByTimes Count = "COALESCE(CAST(SUM(times) AS BIGINT), 0)" // a row stands for as many as its column times says
)

// Output describes a file for [Session.Write].
type Output struct {
	File     string // to create, below the session's directory
	Format   Format
	Columns  []lake.Column
	SortBy   []string
	Metadata map[string]string // of a Parquet file
}

// Format is the format of an output file.
type Format int

// The formats that an engine can write.
const (
	Parquet Format = iota // zstd, row groups of a few hundred thousand rows
	CSV                   // with a header line; times in UTC as 2006-01-02T15:04:05Z, NULL as nothing
)
