package laketest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// big is more than the drivers send in one request.
const big = 20 << 20

// RunStore tests what lake commits rest on. fresh returns a function that opens one more handle on the same new empty store.
func RunStore(t *testing.T, fresh func(t *testing.T) (handle func() store.Store)) {
	for name, test := range map[string]func(t *testing.T, handle func() store.Store){
		"one creates":             testCreate,
		"big object":              testBig,
		"aborted":                 testAborted,
		"cancelled":               testCancelled,
		"missing object":          testMissing,
		"more than a page":        testPages,
		"odd keys":                testKeys,
		"ranges":                  testRanges,
		"replaced whole":          testReplaced,
		"deleted, and there anew": testDeleted,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

// must ends the test on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// noise returns bytes that do not compress, always the same.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
}

// holds fails the test unless an object has exactly these bytes.
func holds(t *testing.T, s store.Store, key string, want []byte) {
	t.Helper()
	got, err := s.Read(t.Context(), key)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s holds %d bytes that differ from the %d written", key, len(got), len(want))
	}
	e, err := s.Stat(t.Context(), key)
	if err != nil || e.Size != int64(len(want)) || e.ModTime.IsZero() || e.Dir {
		t.Errorf("Stat(%s): %+v %v", key, e, err)
	}
}

// empty fails the test if the store has an object.
func empty(t *testing.T, s store.Store) {
	t.Helper()
	must(t, s.Walk(t.Context(), "", func(e store.Entry) { t.Errorf("%s is there", e.Key) }))
}

// Of all who create a key, whatever their handle, exactly one succeeds and its bytes stay.
func testCreate(t *testing.T, handle func() store.Store) {
	const handles, each, keys = 3, 5, 6
	var mu sync.Mutex
	winners := map[string][]string{}
	racers, ctx := errgroup.WithContext(t.Context())
	for i := range handles {
		s := handle()
		for j := range each {
			racers.Go(func() error {
				for k := range keys {
					key, text := fmt.Sprintf("dir/key-%d", k), fmt.Sprintf("racer %d of handle %d", j, i)
					err := s.Create(ctx, key, []byte(text))
					if errors.Is(err, store.ErrExists) {
						continue
					}
					if err != nil {
						return err
					}
					mu.Lock()
					winners[key] = append(winners[key], text)
					mu.Unlock()
				}
				return nil
			})
		}
	}
	must(t, racers.Wait())
	if len(winners) != keys {
		t.Errorf("%d of %d keys were created", len(winners), keys)
	}
	for key, who := range winners {
		if len(who) != 1 {
			t.Errorf("%s was created by %q", key, who)
		}
		holds(t, handle(), key, []byte(who[0]))
	}
}

func testBig(t *testing.T, handle func() store.Store) {
	s, data := handle(), noise(big)
	w, err := s.Writer(t.Context(), "dir/big.parquet")
	must(t, err)
	for chunk := range slices.Chunk(data, 1<<20) {
		_, err := w.Write(chunk)
		must(t, err)
	}
	must(t, w.Close())
	w.Abort() // does nothing after Close
	holds(t, s, "dir/big.parquet", data)
	must(t, s.Create(t.Context(), "dir/created", data))
	holds(t, s, "dir/created", data)
	if err := s.Create(t.Context(), "dir/created", data[1:]); !errors.Is(err, store.ErrExists) {
		t.Errorf("a big object created again: %v", err)
	}
	must(t, s.Put(t.Context(), "dir/empty", nil))
	holds(t, s, "dir/empty", nil)
}

// What was aborted leaves nothing, however much of it the store had already.
func testAborted(t *testing.T, handle func() store.Store) {
	s := handle()
	for _, size := range []int{0, 10, big} {
		w, err := s.Writer(t.Context(), "aborted.parquet")
		must(t, err)
		_, err = w.Write(noise(size))
		must(t, err)
		w.Abort()
		empty(t, s)
	}
}

func testCancelled(t *testing.T, handle func() store.Store) {
	s := handle()
	for _, size := range []int{10, big} {
		ctx, cancel := context.WithCancel(t.Context())
		w, err := s.Writer(ctx, "cancelled.parquet")
		must(t, err)
		_, err = w.Write(noise(size))
		must(t, err)
		cancel()
		if err := w.Close(); !errors.Is(err, context.Canceled) {
			t.Errorf("Close after the end of its context: %v", err)
		}
		if err := s.Create(ctx, "cancelled", noise(size)); !errors.Is(err, context.Canceled) {
			t.Errorf("Create after the end of its context: %v", err)
		}
		if err := s.Put(ctx, "cancelled", noise(size)); !errors.Is(err, context.Canceled) {
			t.Errorf("Put after the end of its context: %v", err)
		}
	}
	empty(t, s)
}

func testMissing(t *testing.T, handle func() store.Store) {
	s := handle()
	must(t, s.Put(t.Context(), "dir/there", []byte("x")))
	for _, key := range []string{"dir/absent", "absent/there", "dir/the"} {
		if _, err := s.Read(t.Context(), key); !store.Missing(err) {
			t.Errorf("Read(%s): %v", key, err)
		}
		if _, err := s.Open(t.Context(), key, 0, 1); !store.Missing(err) {
			t.Errorf("Open(%s): %v", key, err)
		}
		if _, err := s.Stat(t.Context(), key); !store.Missing(err) {
			t.Errorf("Stat(%s): %v", key, err)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("Delete(%s): %v", key, err)
		}
	}
	must(t, s.List(t.Context(), "absent/", func(e store.Entry) { t.Errorf("List has %s", e.Key) }))
	holds(t, s, "dir/there", []byte("x"))
}

// Stores list a thousand objects at once.
func testPages(t *testing.T, handle func() store.Store) {
	const objects, dirs = 1030, 1010
	s := handle()
	want := map[string]bool{} // is it a directory
	writers, ctx := errgroup.WithContext(t.Context())
	writers.SetLimit(16)
	for i := range objects {
		key := fmt.Sprintf("t/%04d.parquet", i)
		if want["t/"+key[2:]] = false; i < dirs {
			key = fmt.Sprintf("t/d=%04d/part", i)
			delete(want, fmt.Sprintf("t/%04d.parquet", i))
			want[fmt.Sprintf("t/d=%04d", i)] = true
		}
		writers.Go(func() error { return s.Put(ctx, key, []byte("x")) })
	}
	must(t, writers.Wait())
	got := map[string]bool{}
	must(t, s.List(t.Context(), "t/", func(e store.Entry) { got[e.Key] = e.Dir }))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("List (-want +got):\n%.500s", diff)
	}
	walked := 0
	must(t, s.Walk(t.Context(), "t/", func(e store.Entry) {
		if walked++; e.Dir || e.Size != 1 {
			t.Errorf("Walk has %+v", e)
		}
	}))
	if walked != objects {
		t.Errorf("Walk has %d objects, want %d", walked, objects)
	}
}

func testKeys(t *testing.T, handle func() store.Store) {
	s := handle()
	want := map[string]string{}
	for _, name := range []string{
		"dt=2026-03-01", "a b", "a+b", "a%41b", "a&b=c;d", "a,b@c:d", "a#b", "a?b", "(a)'b'!*$~", "[a]{b}|^`", "ä\u0308 \u6f22 \U0001F393", ".hidden", "_under", strings.Repeat("long", 50),
	} {
		key := "raw/odd/" + name + "/" + name
		must(t, s.Put(t.Context(), key, []byte(name)))
		if err := s.Create(t.Context(), key, nil); !errors.Is(err, store.ErrExists) {
			t.Errorf("Create(%s): %v", key, err)
		}
		holds(t, s, key, []byte(name))
		want[key] = name
	}
	got := map[string]string{}
	must(t, s.Walk(t.Context(), "raw/", func(e store.Entry) { got[e.Key] = want[e.Key] }))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Walk (-want +got):\n%s", diff)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		must(t, s.Delete(t.Context(), key))
	}
	empty(t, s)
}

func testRanges(t *testing.T, handle func() store.Store) {
	s, data := handle(), noise(100_000)
	must(t, s.Put(t.Context(), "k", data))
	for _, r := range []struct{ offset, length, end int64 }{
		{0, -1, 100_000}, {0, 1, 1}, {5, 10, 15}, {99_999, 1, 100_000}, {99_992, 8, 100_000}, {50_000, -1, 100_000}, {99_990, 4096, 100_000}, {10, 0, 10},
	} {
		f, err := s.Open(t.Context(), "k", r.offset, r.length)
		must(t, err)
		got, err := io.ReadAll(f)
		if !bytes.Equal(got, data[r.offset:r.end]) || err != nil {
			t.Errorf("%d bytes from %d on: %d, %v", r.length, r.offset, len(got), err)
		}
		must(t, f.Close())
	}
}

// Who reads while an object is replaced sees all of the old or all of the new one.
func testReplaced(t *testing.T, handle func() store.Store) {
	const rounds, readers = 20, 3
	s := handle()
	versions := [][]byte{bytes.Repeat([]byte("old "), 50_000), bytes.Repeat([]byte("new!"), 70_000)}
	must(t, s.Put(t.Context(), "k", versions[0]))
	group, ctx := errgroup.WithContext(t.Context())
	over := make(chan struct{})
	group.Go(func() error {
		defer close(over)
		for i := range rounds {
			if err := s.Put(ctx, "k", versions[(i+1)%2]); err != nil {
				return err
			}
		}
		return nil
	})
	for range readers {
		reader := handle()
		group.Go(func() error {
			for {
				got, err := reader.Read(ctx, "k")
				if err != nil {
					return err
				}
				if !bytes.Equal(got, versions[0]) && !bytes.Equal(got, versions[1]) {
					return fmt.Errorf("read %d bytes, neither the old nor the new object", len(got))
				}
				select {
				case <-over:
					return nil
				default:
				}
			}
		})
	}
	must(t, group.Wait())
}

func testDeleted(t *testing.T, handle func() store.Store) {
	s := handle()
	for range 2 {
		must(t, s.Create(t.Context(), "dir/sub/k", []byte("x")))
		must(t, s.Delete(t.Context(), "dir/sub/k"))
		must(t, s.Delete(t.Context(), "dir/sub/k"))
		empty(t, s)
		must(t, s.List(t.Context(), "", func(e store.Entry) { t.Errorf("List has %s", e.Key) }))
	}
}
