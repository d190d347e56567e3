package catalog_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// hooked is a store that calls before with every key that is put.
type hooked struct {
	store.Store
	before func(ctx context.Context, key string) error
}

func (h hooked) Put(ctx context.Context, key string, data []byte) error {
	if err := h.before(ctx, key); err != nil {
		return err
	}
	return h.Store.Put(ctx, key, data)
}

// hook opens the lake in a directory so that before is called ahead of every put.
func hook(t *testing.T, dir string, before func(ctx context.Context, key string) error) *lake.Lake {
	t.Helper()
	disk, err := store.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	return lake.New(hooked{disk, before}, "file://"+filepath.ToSlash(dir))
}

// TestSlowRebuild lets a rebuild write after another one that knew of more.
func TestSlowRebuild(t *testing.T) {
	for _, object := range []string{"_catalog/files.parquet", "_catalog/catalog.sql"} {
		dir := t.TempDir()
		l := openLake(t, dir)
		publish(t, l, things1("2026-03-01", "one"))
		var once sync.Once
		slow := hook(t, dir, func(_ context.Context, key string) error {
			if key == object {
				once.Do(func() {
					publish(t, l, things1("2026-03-02", "two"))
					rebuild(t, l)
				})
			}
			return nil
		})
		rebuild(t, slow)
		openDuck(t, l).want(t, "FROM raw_test.thing", "1 | two")
		current(t, l)
	}
}

// TestKilledRebuild ends between the two objects: what is there still fits together, and the next rebuild catches up.
func TestKilledRebuild(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir)
	publish(t, l, things1("2026-03-01", "one"))
	rebuild(t, l)
	publish(t, l, things1("2026-03-02", "two"))
	killed := errors.New("killed")
	dying := hook(t, dir, func(_ context.Context, key string) error {
		if key == "_catalog/catalog.sql" {
			return killed
		}
		return nil
	})
	if _, err := catalog.Rebuild(t.Context(), dying, false); !errors.Is(err, killed) {
		t.Fatalf("got %v", err)
	}
	d := openDuck(t, l)
	d.want(t, "FROM raw_test.thing_all", "2026-03-01 | 1 | one")
	d.want(t, "SELECT count(*) FROM lake.snapshots", "2")
	rebuild(t, l)
	openDuck(t, l).want(t, "FROM raw_test.thing_all ORDER BY dt", "2026-03-01 | 1 | one", "2026-03-02 | 1 | two")
	current(t, l)
}

// TestManyRebuilds commits and rebuilds from all sides.
func TestManyRebuilds(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			l := openLake(t, dir)
			for j := range 4 {
				s := things1(day("2026-03-01").AddDays(j).String(), "one")
				s.table = lake.Raw("test", string(rune('a'+i)))
				if _, err := s.publish(t.Context(), l); err != nil {
					t.Error(err)
				}
				if _, err := catalog.Rebuild(t.Context(), l, false); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	current(t, openLake(t, dir))
}

func TestCancelled(t *testing.T) {
	l := openLake(t, t.TempDir())
	several(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := catalog.Rebuild(ctx, l, false); fault.ClassOf(err) != fault.Interrupted {
		t.Errorf("got %v", err)
	}
}
