package diff_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var (
	day1 = mustDate("2027-01-10")
	day2 = mustDate("2027-01-11")
)

func mustDate(s string) lake.Date {
	d, err := lake.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func ptr[T any](v T) *T { return &v }

func openLake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), "file://"+t.TempDir()+"/lake")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// small makes many pages and row groups of few rows.
var small = []parquet.WriterOption{parquet.PageBufferSize(64), parquet.MaxRowsPerRowGroup(7)}

// commit writes each part as a file, in the order in which it is given, and commits them.
func commit[T any](t testing.TB, l *lake.Lake, d lake.Date, key []string, options []parquet.WriterOption, parts ...[]T) lake.Snapshot {
	t.Helper()
	m := lake.Manifest{Table: lake.Curated("thing"), Date: d, Run: lake.NewRunID(time.Now()), Key: key, StartedAt: d.Time(), FinishedAt: d.Time()}
	for i, part := range parts {
		name := filepath.Join(t.TempDir(), "part")
		out, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w := parquet.NewGenericWriter[T](out, options...)
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		f, err := l.Upload(t.Context(), lake.Part{Table: m.Table, Date: d, Run: m.Run, Number: i}, name)
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, f)
	}
	var err error
	if m.Columns, err = lake.ColumnsOf[T](); err != nil {
		t.Fatal(err)
	}
	s, err := l.Commit(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
