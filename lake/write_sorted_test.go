package lake_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// manyRows are so many that they are sorted by way of the local disk.
const manyRows = 150_000

// writeMany writes many rows in disorder.
func writeMany(ctx context.Context, l *lake.Lake) (*lake.Writer[fact], lake.Part, error) {
	p := benchPart()
	w, err := lake.NewWriter[fact](ctx, l, p)
	if err != nil {
		return nil, p, err
	}
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(manyRows) {
		if err := w.Write(fact{int64(i), strings.Repeat("x", i%5)}); err != nil {
			w.Abort()
			return nil, p, err
		}
	}
	return w, p, nil
}

// TestWriterSorts checks that rows of a large part come back in order, and that neither the lake nor the local disk keeps anything of
// a part that is given up.
func TestWriterSorts(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) {
		l := lake.New(s, "test://")
		w, p, err := writeMany(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		file, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		columns, err := lake.ColumnsOf[fact]()
		if err != nil {
			t.Fatal(err)
		}
		next := int64(0)
		for row, err := range lake.Rows[fact](t.Context(), l, lake.Manifest{Table: p.Table, Date: p.Date, Files: []lake.File{file}, Columns: columns}) {
			if err != nil {
				t.Fatal(err)
			}
			if want := (fact{next, strings.Repeat("x", int(next%5))}); row != want {
				t.Fatalf("row %d is %v", next, row)
			}
			next++
		}
		if next != manyRows {
			t.Errorf("%d rows", next)
		}
		l.Discard(t.Context(), file)

		if w, _, err = writeMany(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		w.Abort()
		ctx, cancel := context.WithCancel(t.Context())
		if w, _, err = writeMany(ctx, l); err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := w.Close(); !errors.Is(err, context.Canceled) {
			t.Errorf("closed after it was cancelled: %v", err)
		}
		if err := s.Walk(t.Context(), "", func(e store.Entry) {
			if !strings.HasPrefix(e.Key, "_") {
				t.Errorf("%s is left", e.Key)
			}
		}); err != nil {
			t.Error(err)
		}
	})
}

// TestWriterWithoutScratch checks what is told where rows cannot be sorted on the local disk.
func TestWriterWithoutScratch(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) {
		t.Setenv("TMPDIR", os.Getenv("TMPDIR")+"/gone")
		checkScratchError(t, s, fault.Config, os.ErrNotExist)
	})
}

func checkScratchError(t *testing.T, s store.Store, class fault.Class, want error) {
	t.Helper()
	_, p, err := writeMany(t.Context(), lake.New(s, "test://"))
	if !errors.Is(err, want) || fault.ClassOf(err) != class || !strings.Contains(fault.HintOf(err), "TMPDIR") ||
		!strings.Contains(err.Error(), p.Table.Name()) {
		t.Errorf("class %s, hint %q: %v", fault.ClassOf(err), fault.HintOf(err), err)
	}
}
