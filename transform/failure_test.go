package transform_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

func TestMissingInput(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	_, err := transform.Run(t.Context(), l, engine, plan(day))
	if !errors.Is(err, lake.ErrNotFound) || fault.ClassOf(err) != fault.Unavailable || fault.HintOf(err) == "" {
		t.Errorf("empty lake: %v, hint %q", err, fault.HintOf(err))
	}
	fill(t, l, db, day, "RAW", nil)
	fill(t, l, db, day.AddDays(3), "RAW", nil)
	p := plan(day.AddDays(-1))
	p.To = day.AddDays(4)
	result, err := transform.Run(t.Context(), l, engine, p)
	if err != nil {
		t.Fatal(err)
	}
	if want := []lake.Date{day.AddDays(-1), day.AddDays(1), day.AddDays(2), day.AddDays(4)}; !slices.Equal(result.Skipped, want) {
		t.Errorf("skipped %v, want %v", result.Skipped, want)
	}
	put(t, l, db, "raw_canvas.term", day.AddDays(1), "RAW", "")
	_, err = transform.Run(t.Context(), l, engine, p)
	if !errors.Is(err, lake.ErrNotFound) || !strings.Contains(err.Error(), "raw/canvas/course for 2026-03-02") {
		t.Errorf("a date with some of its inputs: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	l := openLake(t)
	backwards := plan(day)
	backwards.To = day.AddDays(-1)
	for _, p := range []transform.Plan{{}, backwards, plan(day, "enrolment")} {
		if _, err := transform.Run(t.Context(), l, engine, p); fault.ClassOf(err) != fault.Usage {
			t.Errorf("plan %+v: %v", p, err)
		}
	}
}

func TestDamagedInput(t *testing.T) {
	db := openDuckDB(t)
	t.Run("bytes", func(t *testing.T) {
		l := openLake(t)
		fill(t, l, db, day, "RAW", nil)
		s := find(t, l, lake.Raw("canvas", "enrollment"), day)
		name := filepath.Join(strings.TrimPrefix(l.URL(), "file://"), s.Files[0].Path)
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err = transform.Run(t.Context(), l, engine, plan(day))
		if fault.ClassOf(err) != fault.Data || !strings.Contains(fmt.Sprint(err), "raw_canvas.enrollment") {
			t.Errorf("got %v", err)
		}
		nothingCommitted(t, l, day)
	})
	t.Run("shape", func(t *testing.T) {
		l := openLake(t)
		fill(t, l, db, day, "RAW", nil)
		file := filepath.Join(t.TempDir(), "x.parquet")
		exec(t, db, "COPY (SELECT 'ten' AS id, 'x' AS name, now() AS fetched_at) TO '"+file+"' (FORMAT parquet)")
		commitFile(t, l, lake.Raw("canvas", "account"), day, "RAW2", file, []lake.Column{{Name: "id", Type: lake.Varchar}, {Name: "name", Type: lake.Varchar}, {Name: "fetched_at", Type: lake.Timestamp}})
		_, err := transform.Run(t.Context(), l, engine, plan(day))
		for _, want := range []string{`column "id" is VARCHAR, expected BIGINT`, `column "sis_account_id" is missing`} {
			if fault.ClassOf(err) != fault.Data || !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
		nothingCommitted(t, l, day)
	})
}

func TestCancel(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	for _, at := range []transform.Progress{{Date: day, Step: "stage"}, {Date: day, Set: "enrollment", Step: "model"}, {Date: day, Set: "enrollment", Step: "check"}, {Date: day, Step: "commit"}} {
		ctx, cancel := context.WithCancel(t.Context())
		p := plan(day)
		p.WorkDir = t.TempDir()
		p.Progress = func(now transform.Progress) {
			if now == at {
				cancel()
			}
		}
		_, err := transform.Run(ctx, l, engine, p)
		if fault.ClassOf(err) != fault.Interrupted {
			t.Errorf("cancelled at %v: %v", at, err)
		}
		nothingCommitted(t, l, day)
		if entries, err := os.ReadDir(p.WorkDir); err != nil || len(entries) > 0 {
			t.Errorf("cancelled at %v, left behind: %v, %v", at, entries, err)
		}
	}
}

func TestKilledRunsLeaveNoScratchForEver(t *testing.T) {
	l, db := openLake(t), openDuckDB(t)
	fill(t, l, db, day, "RAW", nil)
	p := plan(day)
	p.WorkDir = t.TempDir()
	abandoned, foreign := filepath.Join(p.WorkDir, "course-inventory-transform-1"), filepath.Join(p.WorkDir, "course-inventory-transform-2")
	for _, name := range []string{filepath.Join(abandoned, "lock"), filepath.Join(abandoned, "x.parquet"), filepath.Join(foreign, "x")} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// A second run that begins while the first is at work must leave the first one's directory alone.
	p.Progress = func(at transform.Progress) {
		if at.Set != "course" || at.Step != "model" {
			return
		}
		second := plan(day)
		second.WorkDir = p.WorkDir
		if _, err := transform.Run(t.Context(), l, engine, second); err != nil {
			t.Errorf("second run: %v", err)
		}
	}
	if _, err := transform.Run(t.Context(), l, engine, p); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(p.WorkDir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "course-inventory-transform-2" {
		t.Errorf("got %v, %v; want only the second, which has no lock", entries, err)
	}
}
