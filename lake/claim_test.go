package lake_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gocloud.dev/blob/memblob"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// slow is a store that refuses manifests for some time before they can be read.
type slow struct {
	store.Store
	until time.Time
}

func (s slow) Read(ctx context.Context, key string) ([]byte, error) {
	if strings.Contains(key, "_manifest-") && time.Now().Before(s.until) {
		return nil, fs.ErrNotExist
	}
	return s.Store.Read(ctx, key)
}

func (s slow) List(ctx context.Context, prefix string, f func(store.Entry)) error {
	return s.Store.List(ctx, prefix, func(e store.Entry) {
		if !strings.Contains(e.Key, "_manifest-") || !time.Now().Before(s.until) {
			f(e)
		}
	})
}

func TestCommitBesideInvisible(t *testing.T) {
	for _, test := range []struct {
		hidden time.Duration
		number int
		class  fault.Class
	}{
		{time.Second, 2, fault.OK},
		{time.Hour, 0, fault.Unavailable},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := store.Bucket{Bucket: memblob.OpenBucket(nil)}
			if _, err := publish(t.Context(), lake.New(s, "test://"), "FIRST"); err != nil {
				t.Fatal(err)
			}
			got, err := publish(t.Context(), lake.New(slow{s, time.Now().Add(test.hidden)}, "test://"), "SECOND")
			if fault.ClassOf(err) != test.class || got.Number != test.number {
				t.Errorf("hidden for %s: number %d, %v", test.hidden, got.Number, err)
			}
		})
	}
}

// TestCommitWithoutParts refuses a manifest whose part was removed or changed since it was written.
func TestCommitWithoutParts(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) {
		l := lake.New(s, "test://")
		m, err := write(t.Context(), l, lake.NewRunID(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Put(t.Context(), m.Files[0].Path, []byte("short")); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Commit(t.Context(), m); fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), "it has 5 bytes") {
			t.Errorf("with a changed part: %v", err)
		}
		l.Discard(t.Context(), m.Files[0])
		if _, err := l.Commit(t.Context(), m); fault.ClassOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "gone before its commit") {
			t.Errorf("with a part gone: %v", err)
		}
		if s, err := l.Find(t.Context(), faultTable, faultDay); err == nil {
			t.Errorf("%s was committed", s.Path)
		}
	})
}
