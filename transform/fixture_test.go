package transform_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
	"github.com/tl-its-umich-edu/course-inventory/transform/duckdb"
)

var (
	day    = date("2026-03-01")
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	engine = duckdb.Engine{MemoryLimit: "256MB", Threads: 2}
)

func date(s string) lake.Date {
	d, err := lake.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func openLake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// openDuckDB returns an unrestricted DuckDB, with which tests make and read files.
func openDuckDB(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	exec(t, db, "SET TimeZone = 'UTC'")
	return db
}

func exec(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// inputColumns returns every column that any set reads of an input.
func inputColumns(t testing.TB, name string) []lake.Column {
	t.Helper()
	var columns []lake.Column
	for _, set := range transform.Sets() {
		for _, in := range set.Inputs {
			for _, c := range in.Columns {
				if in.Name == name && !slices.ContainsFunc(columns, func(o lake.Column) bool { return o.Name == c.Name }) {
					columns = append(columns, c)
				}
			}
		}
	}
	if len(columns) == 0 {
		t.Fatalf("no set reads %s", name)
	}
	return columns
}

// inputs returns the names of all raw tables that any set reads.
func rawInputs() []string {
	var names []string
	for _, set := range transform.Sets() {
		for _, in := range set.Inputs {
			if strings.HasPrefix(in.Name, "raw_") && !slices.Contains(names, in.Name) {
				names = append(names, in.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func tableOf(name string) lake.Table {
	schema, table, _ := strings.Cut(name, ".")
	if source, isRaw := strings.CutPrefix(schema, "raw_"); isRaw {
		return lake.Raw(source, table)
	}
	return lake.Curated(table)
}

// put commits rows, as JSON lines, under the name of an input. Rows of "previous" go to the day before.
func put(t testing.TB, l *lake.Lake, db *sql.DB, name string, d lake.Date, run lake.RunID, rows string) lake.Snapshot {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "rows.jsonl")
	if err := os.WriteFile(source, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	var types, selected []string
	columns := inputColumns(t, name)
	for _, c := range columns {
		typ := c.Type
		if typ == lake.Timestamp {
			typ = "TIMESTAMPTZ"
		}
		types = append(types, fmt.Sprintf("%q: '%s'", c.Name, typ))
		selected = append(selected, fmt.Sprintf("%q", c.Name))
	}
	from := fmt.Sprintf("read_json('%s', format = 'newline_delimited', columns = {%s})", source, strings.Join(types, ", "))
	file := filepath.Join(dir, "rows.parquet")
	exec(t, db, fmt.Sprintf("COPY (SELECT %s FROM %s) TO '%s' (FORMAT parquet)", strings.Join(selected, ", "), from, file))
	return commitFile(t, l, tableOf(name), d, run, file, columns)
}

func commitFile(t testing.TB, l *lake.Lake, table lake.Table, d lake.Date, run lake.RunID, file string, columns []lake.Column) lake.Snapshot {
	t.Helper()
	f, err := l.Upload(t.Context(), lake.Part{Table: table, Date: d, Run: run}, file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Commit(t.Context(), lake.Manifest{Table: table, Date: d, Run: run, Files: []lake.File{f}, Columns: columns,
		SourceAsOf: d.Time().Add(4 * time.Hour), StartedAt: noon, FinishedAt: noon})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read returns the rows of a snapshot as JSON lines, in the order in which they stand in its file.
func read(t testing.TB, l *lake.Lake, db *sql.DB, s lake.Snapshot) string {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	for i, f := range s.Files {
		local, err := l.Local(t.Context(), f, dir)
		if err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, fmt.Sprintf("rows-%d.jsonl", i))
		exec(t, db, fmt.Sprintf("COPY (SELECT * FROM read_parquet('%s', hive_partitioning = false)) TO '%s' (FORMAT json, TIMESTAMPFORMAT '%%Y-%%m-%%dT%%H:%%M:%%SZ')", local, out))
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	return b.String()
}

func find(t testing.TB, l *lake.Lake, table lake.Table, d lake.Date) lake.Snapshot {
	t.Helper()
	s, err := l.Find(t.Context(), table, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func plan(d lake.Date, tables ...string) transform.Plan {
	return transform.Plan{From: d, Tables: tables, Drop: drop.Rule{Max: 0.2}, ToolVersion: "test", Now: func() time.Time { return noon }}
}
