package catalog_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
)

func day(s string) lake.Date {
	d, err := lake.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	panic("no time: " + s)
}

// openLake opens a lake in a directory.
func openLake(t testing.TB, dir string) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// snapshot is what a test publishes.
type snapshot[T any] struct {
	table    lake.Table
	date     string
	run      lake.RunID // made up from the date if empty
	rows     []T
	key      []string
	interval *lake.Interval
	change   func(*lake.Manifest)
}

// publish commits a snapshot whose every byte depends on its arguments alone.
func publish[T any](t testing.TB, l *lake.Lake, s snapshot[T]) lake.Snapshot {
	t.Helper()
	made, err := s.publish(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (s snapshot[T]) publish(ctx context.Context, l *lake.Lake) (lake.Snapshot, error) {
	d := day(s.date)
	if s.run == "" {
		s.run = lake.RunID("01K" + strings.ReplaceAll(s.date, "-", "") + strings.Repeat("0", 15))
	}
	w, err := lake.NewWriter[T](ctx, l, lake.Part{Table: s.table, Date: d, Run: s.run, SortBy: s.key})
	if err != nil {
		return lake.Snapshot{}, err
	}
	if err := w.Write(s.rows...); err != nil {
		w.Abort()
		return lake.Snapshot{}, err
	}
	f, err := w.Close()
	if err != nil {
		return lake.Snapshot{}, err
	}
	columns, err := lake.ColumnsOf[T]()
	if err != nil {
		return lake.Snapshot{}, err
	}
	began := d.Time().Add(5 * time.Hour)
	m := lake.Manifest{
		Table: s.table, Date: d, Run: s.run, ToolVersion: "1.0", Files: []lake.File{f}, Columns: columns, Key: s.key, Interval: s.interval,
		SourceAsOf: began, StartedAt: began, FinishedAt: began.Add(10 * time.Minute),
	}
	if s.change != nil {
		s.change(&m)
	}
	return l.Commit(ctx, m)
}

// rebuild rebuilds the catalog, which must have no problems.
func rebuild(t testing.TB, l *lake.Lake) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Rebuild(t.Context(), l, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Problems {
		t.Error(p)
	}
	return c
}

// duck is a DuckDB that has read a lake's catalog.
type duck struct{ *sql.Conn }

// openDuck opens a DuckDB and runs statements, in the end those of the lake's catalog.sql.
func openDuck(t testing.TB, l *lake.Lake, first ...string) duck {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		db.Close()
	})
	text, err := l.Catalog(t.Context(), "catalog.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, statements := range append(first, string(text)) {
		if _, err := conn.ExecContext(t.Context(), statements); err != nil {
			t.Fatal(err)
		}
	}
	return duck{conn}
}

// ask returns the rows of a query, the first one with the names of the columns, cells joined by " | ".
func (d duck) ask(ctx context.Context, query string) ([]string, error) {
	rows, err := d.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	lines := []string{strings.Join(names, " | ")}
	cells, targets := make([]any, len(names)), make([]any, len(names))
	for i := range cells {
		targets[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		texts := make([]string, len(cells))
		for i, c := range cells {
			texts[i] = cell(c)
		}
		lines = append(lines, strings.Join(texts, " | "))
	}
	return lines, rows.Err()
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.UTC().Format(time.DateOnly)
		}
		return v.UTC().Format(time.DateTime)
	}
	return fmt.Sprint(v)
}

// want compares the rows of a query, without the columns' names.
func (d duck) want(t *testing.T, query string, want ...string) {
	t.Helper()
	lines, err := d.ask(t.Context(), query)
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return
	}
	if got := lines[1:]; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\ngot  %q\nwant %q", query, got, want)
	}
}

// refused checks that a query fails with all of these words.
func (d duck) refused(t *testing.T, query string, words ...string) {
	t.Helper()
	lines, err := d.ask(t.Context(), query)
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %q, %v, want an error with %q", query, lines, err, w)
		}
	}
}
