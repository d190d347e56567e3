package lake_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// eachStore runs a test on memory and on disk, and finds files that it leaves open or temporary.
func eachStore(t *testing.T, test func(*testing.T, store.Store)) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	dir := filepath.Join(t.TempDir(), "lake")
	disk, err := store.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	stores := map[string]store.Store{"memory": store.Bucket{Bucket: memblob.OpenBucket(nil)}, "disk": disk}
	for name, s := range stores {
		t.Run(name, func(t *testing.T) {
			before := openFiles(t)
			test(t, s)
			if after := openFiles(t); after > before {
				t.Errorf("%d files are open, %d were before", after, before)
			}
			if entries, err := os.ReadDir(temporary); err != nil || len(entries) > 0 {
				t.Errorf("temporary files: %v, %v", entries, err)
			}
			if err := s.Walk(t.Context(), "", func(e store.Entry) {
				if strings.Contains(e.Key, store.TemporaryPrefix) {
					t.Errorf("%s is left", e.Key)
				}
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

// openFiles returns how many files the process has open, 0 where the system does not tell.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return len(entries)
}

// row is a row that tells which run wrote it.
type row struct {
	ID   int64  `parquet:"id"`
	Run  string `parquet:"run,dict"`
	Hash int64  `parquet:"hash"`
}

const parts = 2

var (
	faultTable = lake.Raw("test", "fault")
	faultDay   = lake.DateOf(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
)

// rowsOf returns the rows that a run writes: their number and content follow from its id.
func rowsOf(run lake.RunID) []row {
	out := make([]row, 50+digest(run, -1)%50)
	for i := range out {
		out[i] = row{int64(i), string(run), digest(run, i)}
	}
	return out
}

func digest(run lake.RunID, i int) int64 {
	h := fnv.New64a()
	fmt.Fprint(h, run, i)
	return int64(h.Sum64() >> 1)
}

// publish does what a stage does: it writes all parts, removes them if one fails, and commits.
func publish(ctx context.Context, l *lake.Lake, run lake.RunID) (lake.Snapshot, error) {
	m, err := write(ctx, l, run)
	if err != nil {
		return lake.Snapshot{}, err
	}
	return l.Commit(ctx, m)
}

func write(ctx context.Context, l *lake.Lake, run lake.RunID) (lake.Manifest, error) {
	columns, err := lake.ColumnsOf[row]()
	if err != nil {
		return lake.Manifest{}, err
	}
	m := lake.Manifest{Table: faultTable, Date: faultDay, Run: run, Columns: columns, Key: []string{"id"}}
	rows := rowsOf(run)
	for i := range parts {
		f, err := writePart(ctx, l, run, i, rows[len(rows)*i/parts:len(rows)*(i+1)/parts])
		if err != nil {
			bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			l.Discard(bounded, m.Files...)
			return lake.Manifest{}, err
		}
		m.Files = append(m.Files, f)
	}
	return m, nil
}

func writePart(ctx context.Context, l *lake.Lake, run lake.RunID, number int, rows []row) (lake.File, error) {
	w, err := lake.NewWriter[row](ctx, l, lake.Part{Table: faultTable, Date: faultDay, Run: run, Number: number, SortBy: []string{"id"}})
	if err != nil {
		return lake.File{}, err
	}
	if err := w.Write(rows...); err != nil {
		w.Abort()
		return lake.File{}, err
	}
	return w.Close()
}

// whole returns the newest snapshot, or an error unless it has exactly the rows that its run wrote.
func whole(ctx context.Context, l *lake.Lake) (lake.Snapshot, error) {
	s, err := l.Find(ctx, faultTable, faultDay)
	if err != nil {
		return lake.Snapshot{}, err
	}
	return s, hasAll(ctx, l, s)
}

// hasAll returns an error unless a snapshot has exactly the rows that its run wrote.
func hasAll(ctx context.Context, l *lake.Lake, s lake.Snapshot) error {
	want := rowsOf(s.Run)
	n := 0
	for got, err := range lake.Rows[row](ctx, l, s.Manifest) {
		if err != nil {
			return fmt.Errorf("%s: %w", s.Path, err)
		}
		if n >= len(want) || got != want[n] {
			return fmt.Errorf("%s: row %d is %v", s.Path, n, got)
		}
		n++
	}
	if n != len(want) {
		return fmt.Errorf("%s: %d rows of %d", s.Path, n, len(want))
	}
	return nil
}
