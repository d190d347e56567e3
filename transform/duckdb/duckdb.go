// Package duckdb evaluates the transform's models with an embedded DuckDB.
//
// A session is a database in memory that can touch nothing but its own directory and the files it was
// opened for: no other path, no network, no extension, and no statement can change that.
package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// Engine opens DuckDB sessions. The zero value uses DuckDB's own defaults.
type Engine struct {
	// MemoryLimit bounds the memory for data, such as "512MB" or "4GiB"; beyond it DuckDB works on disk, in the
	// session's directory. Empty means four fifths of the machine's or the container's memory.
	MemoryLimit string
	// Threads is the number of threads; 0 means one for each core.
	Threads int
}

var _ transform.Engine = Engine{}

// Open starts a session. See [transform.Engine].
func (e Engine) Open(ctx context.Context, dir string, files []string) (_ transform.Session, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	spill := filepath.Join(dir, "spill")
	if err := os.MkdirAll(spill, 0o700); err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	db.SetMaxOpenConns(1)
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	// One connection: the time zone is a setting of the connection, and locked with the others.
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	s := &session{db: db, conn: conn}
	if e.MemoryLimit != "" {
		if err := s.exec(ctx, "SET memory_limit = "+quote(e.MemoryLimit)); err != nil {
			return nil, fault.New(fault.Usage, "give the memory limit as a number with its unit, such as 512MB or 4GiB", err)
		}
	}
	if e.Threads > 0 {
		if err := s.exec(ctx, fmt.Sprintf("SET threads = %d", e.Threads)); err != nil {
			return nil, err
		}
	}
	for _, setting := range []string{
		// What the models call by a name of ours, because engines differ in it: the parts of a text between
		// separators, and the instant that a text of UTC tells, NULL if none.
		"CREATE MACRO split(text, separator) AS string_split(text, separator)",
		"CREATE MACRO to_instant(text) AS CASE WHEN TRANSLATE(text, '123456789', '000000000') = '0000-00-00 00:00:00' THEN TRY_CAST(text AS TIMESTAMPTZ) END",
		"SET TimeZone = 'UTC'",
		"SET preserve_insertion_order = false", // every output is sorted by its own ORDER BY
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		"SET temp_directory = " + quote(spill),
		"SET allowed_directories = [" + quote(dir) + "]",
		"SET allowed_paths = " + list(files),
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if err := s.exec(ctx, setting); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// quote returns a SQL string literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// list returns a SQL list of string literals.
func list(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// name returns a quoted SQL identifier.
func name(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
