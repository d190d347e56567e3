package catalog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// counted is a bucket that counts the calls which its store would answer, a page of a listing being one.
type counted struct {
	store.Store
	calls, manifests atomic.Int64
}

const (
	scale = 10
	page  = 1000 / scale // objects that a bucket lists in one call
)

func (c *counted) Read(ctx context.Context, key string) ([]byte, error) {
	c.calls.Add(1)
	if lake.PlaceOf(key).Kind == lake.ManifestObject {
		c.manifests.Add(1)
	}
	return c.Store.Read(ctx, key)
}

func (c *counted) List(ctx context.Context, prefix string, f func(store.Entry)) error {
	return c.list(ctx, prefix, f, c.Store.List)
}

func (c *counted) Walk(ctx context.Context, prefix string, f func(store.Entry)) error {
	return c.list(ctx, prefix, f, c.Store.Walk)
}

func (c *counted) list(ctx context.Context, prefix string, f func(store.Entry), list func(context.Context, string, func(store.Entry)) error) error {
	n := int64(0)
	err := list(ctx, prefix, func(e store.Entry) { n++; f(e) })
	c.calls.Add(max(1, (n+page-1)/page))
	return err
}

// TestCalls counts the calls to a bucket of three years of twenty tables, of which one date is new. To be quick it has a tenth of the
// dates, and pages of a tenth.
func TestCalls(t *testing.T) {
	const tables, dates = 20, 1000 / scale
	dir := t.TempDir()
	example := publish(t, openLake(t, dir), things1("2024-01-01", "one"))
	bucket := &counted{Store: &flat{objects: map[string][]byte{}}}
	put := func(key string, v any) {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := bucket.Put(t.Context(), key, data); err != nil {
			t.Fatal(err)
		}
	}
	add := func(table lake.Table, d lake.Date) {
		m := example.Manifest
		run := fmt.Sprintf("%s/dt=%s/run=%s/part-00000.parquet", table, d, m.Run)
		m.Table, m.Date, m.Files = table, d, []lake.File{{Path: run, Bytes: 1000, Rows: 1, SHA256: m.Files[0].SHA256}}
		put(run, nil)
		put(fmt.Sprintf("%s/dt=%s/_manifest-000001.json", table, d), m)
	}
	for i := range tables {
		for n := range dates {
			add(lake.Raw(fmt.Sprintf("source%d", i%5), fmt.Sprintf("thing%d", i)), example.Date.AddDays(n))
		}
	}
	l := lake.New(bucket, "s3://bucket")
	rebuild(t, l)
	add(lake.Raw("source0", "thing0"), example.Date.AddDays(dates))
	bucket.calls.Store(0)
	bucket.manifests.Store(0)
	c, err := catalog.Load(t.Context(), l)
	if err != nil || len(c.Snapshots) != tables*dates+1 {
		t.Fatalf("%v", err)
	}
	t.Logf("%d calls", bucket.calls.Load())
	if calls, manifests := bucket.calls.Load(), bucket.manifests.Load(); calls >= 100 || manifests != 1 {
		t.Errorf("%d calls, of which %d read manifests, want less than 100 and 1", calls, manifests)
	}
}

// flat is a bucket in memory that is quick with many objects.
type flat struct {
	store.Store
	mu      sync.Mutex
	objects map[string][]byte
	keys    []string // sorted, or nil after a put
}

func (f *flat) Put(_ context.Context, key string, data []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[key], f.keys = data, nil
	return nil
}

func (f *flat) Read(_ context.Context, key string) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, found := f.objects[key]
	if !found {
		return nil, fs.ErrNotExist
	}
	return data, nil
}

// below returns the keys with a prefix.
func (f *flat) below(prefix string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys == nil {
		f.keys = slices.Sorted(maps.Keys(f.objects))
	}
	from, _ := slices.BinarySearch(f.keys, prefix)
	to, _ := slices.BinarySearch(f.keys, prefix+"\xff")
	return f.keys[from:to]
}

func (f *flat) Walk(_ context.Context, prefix string, each func(store.Entry)) error {
	for _, key := range f.below(prefix) {
		each(store.Entry{Key: key, Size: int64(len(f.objects[key]))})
	}
	return nil
}

func (f *flat) List(_ context.Context, prefix string, each func(store.Entry)) error {
	last := ""
	for _, key := range f.below(prefix) {
		name, _, folder := strings.Cut(key[len(prefix):], "/")
		if e := (store.Entry{Key: prefix + name, Dir: folder}); e.Key != last {
			each(e)
			last = e.Key
		}
	}
	return nil
}
