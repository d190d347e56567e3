package transform_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

func TestWriteCSV(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := transform.WriteCSV(t.Context(), l, engine, day, nil, dir); !errors.Is(err, lake.ErrNotFound) {
		t.Errorf("before the transform: %v", err)
	}
	if _, err := transform.Run(t.Context(), l, engine, plan(day)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "course.csv"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := transform.WriteCSV(t.Context(), l, engine, day, nil, dir)
	if err != nil || len(files) != len(transform.Sets()) {
		t.Fatalf("files %v: %v", files, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "course.csv"))
	if err != nil {
		t.Fatal(err)
	}
	want := `canvas_id,sis_id,name,account_id,term_id,created_at,published_at,workflow_state
10,,"a, ""b""",1,164,2025-11-02T10:00:00Z,2026-01-05T10:00:00Z,available
12,,second,1,164,,,completed
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("course.csv (-want +got):\n%s", diff)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != len(files) {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
