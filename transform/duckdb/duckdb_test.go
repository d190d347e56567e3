package duckdb_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
	"github.com/tl-its-umich-edu/course-inventory/transform/duckdb"
)

func open(t *testing.T, e duckdb.Engine, dir string, files ...string) transform.Session {
	t.Helper()
	s, err := e.Open(t.Context(), dir, files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

var number = []lake.Column{{Name: "n", Type: lake.BigInt}}

func TestSandbox(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	given, other := filepath.Join(outside, "given.parquet"), filepath.Join(outside, "other.parquet")
	maker := open(t, duckdb.Engine{}, outside)
	for _, file := range []string{given, other} {
		if err := maker.Write(t.Context(), "SELECT CAST(7 AS BIGINT) AS n", transform.Output{File: file, Columns: number}); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, duckdb.Engine{}, dir, given)
	if err := s.View(t.Context(), "raw_test.given", []string{given}, number); err != nil {
		t.Fatal(err)
	}
	if n, rows, err := s.Find(t.Context(), "SELECT * FROM raw_test.given", transform.EachRow, 5); err != nil || n != 1 || rows[0] != "n=7" {
		t.Errorf("given file: %d rows %v, %v", n, rows, err)
	}
	refused := "file system operations are disabled"
	if err := s.View(t.Context(), "raw_test.other", []string{other}, number); err == nil || !strings.Contains(err.Error(), refused) {
		t.Errorf("a file beside the given one: %v", err)
	}
	if err := s.Write(t.Context(), "SELECT CAST(1 AS BIGINT) AS n", transform.Output{File: filepath.Join(outside, "new.parquet"), Columns: number}); err == nil || !strings.Contains(err.Error(), refused) {
		t.Errorf("writing outside: %v", err)
	}
	for _, query := range []string{
		"SELECT * FROM read_text('/etc/hostname')",
		"SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')",
		"SELECT * FROM glob('/*')",
	} {
		if _, _, err := s.Find(t.Context(), query, transform.EachRow, 1); err == nil {
			t.Errorf("%s is allowed", query)
		}
	}
}

func TestWriteIsStrictAboutTypes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, duckdb.Engine{}, dir)
	for query, want := range map[string]string{
		"SELECT SUM(x) AS n FROM (SELECT CAST(1 AS BIGINT) AS x) AS t":     `column "n" is HUGEINT, expected BIGINT`,
		"SELECT CAST(1 AS BIGINT) AS m":                                    `column 1 is not "n"`,
		"SELECT CAST(1 AS BIGINT) AS n, 2 AS extra":                        "2 columns, expected 1",
		"SELECT CAST('2026-01-01' AS TIMESTAMP) AS n":                      `column "n" is TIMESTAMP, expected BIGINT`,
		"SELECT missing AS n FROM (SELECT CAST(1 AS BIGINT) AS x) AS t":    "missing",
		"SELECT CAST(1 AS BIGINT) AS n -- a comment at the end is no harm": "",
	} {
		err := s.Write(t.Context(), query, transform.Output{File: filepath.Join(dir, "out.parquet"), Columns: number})
		if (err == nil) != (want == "") || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
		if err != nil && fault.ClassOf(err) != fault.Defect {
			t.Errorf("%s: class %s", query, fault.ClassOf(err))
		}
	}
}

func TestFileHasTheLakesTypes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, duckdb.Engine{}, dir)
	columns := []lake.Column{{Name: "a", Type: lake.BigInt}, {Name: "b", Type: lake.Integer}, {Name: "c", Type: lake.Double}, {Name: "d", Type: lake.Boolean},
		{Name: "e", Type: lake.Varchar}, {Name: "f", Type: lake.DateType}, {Name: "g", Type: lake.Timestamp}}
	// No rows: the file of a view without files has its columns all the same.
	if err := s.View(t.Context(), "previous.none", nil, columns); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "it's [empty].parquet")
	if err := s.Write(t.Context(), "SELECT * FROM previous.none", transform.Output{File: file, Columns: columns, SortBy: []string{"a"}, Metadata: map[string]string{"run_id": "it's", "dt": "x"}}); err != nil {
		t.Fatal(err)
	}
	if err := lake.CheckSchema(lake.Manifest{Columns: columns}, []string{file}, columns); err != nil {
		t.Error(err)
	}
	err := s.View(t.Context(), "curated.none", []string{file}, columns)
	if fault.ClassOf(err) != fault.Config {
		t.Errorf("a path that DuckDB takes for a pattern: %v", err)
	}
}

func TestFind(t *testing.T) {
	s := open(t, duckdb.Engine{}, t.TempDir())
	n, rows, err := s.Find(t.Context(), `SELECT n, CASE WHEN n = 1 THEN NULL ELSE 'b "q"' END AS s, CAST('2026-03-01' AS DATE) AS d, CAST('2026-03-01 04:00:00Z' AS TIMESTAMPTZ) AS t
		FROM (SELECT UNNEST([3, 1, 2]) AS n) AS x`, transform.EachRow, 2)
	if err != nil || n != 3 {
		t.Fatalf("%d rows, %v", n, err)
	}
	want := []string{`n=1 s=NULL d=2026-03-01 t=2026-03-01T04:00:00Z`, `n=2 s="b \"q\"" d=2026-03-01 t=2026-03-01T04:00:00Z`}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("examples (-want +got):\n%s", diff)
	}
}

func TestOptions(t *testing.T) {
	s := open(t, duckdb.Engine{MemoryLimit: "100MiB", Threads: 1}, t.TempDir())
	_, rows, err := s.Find(t.Context(), "SELECT current_setting('memory_limit') AS memory, current_setting('threads') AS threads, current_setting('TimeZone') AS zone, current_setting('lock_configuration') AS locked", transform.EachRow, 1)
	if err != nil || rows[0] != `memory="100.0 MiB" threads=1 zone="UTC" locked=true` {
		t.Errorf("got %v, %v", rows, err)
	}
	_, err = duckdb.Engine{MemoryLimit: "much"}.Open(t.Context(), t.TempDir(), nil)
	if fault.ClassOf(err) != fault.Usage {
		t.Errorf("memory limit %q: %v", "much", err)
	}
}

func TestOutOfMemory(t *testing.T) {
	s := open(t, duckdb.Engine{MemoryLimit: "20MB", Threads: 1}, t.TempDir())
	_, _, err := s.Find(t.Context(), "SELECT LIST(i) AS l FROM range(20000000) AS t(i)", transform.EachRow, 1)
	if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(fault.HintOf(err), "--memory-limit") {
		t.Errorf("got %v (class %s, hint %q)", err, fault.ClassOf(err), fault.HintOf(err))
	}
}

func TestCancelEndsAStatement(t *testing.T) {
	s := open(t, duckdb.Engine{}, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, _, err := s.Find(ctx, "SELECT COUNT(*) AS n FROM range(1000000000000) AS a(i)", transform.EachRow, 1)
		done <- err
	}()
	cancel()
	if err := <-done; fault.ClassOf(err) != fault.Interrupted {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(".tmp"); err == nil {
		t.Error("DuckDB spilled into the working directory")
	}
}
