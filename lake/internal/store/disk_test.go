package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

const key = "raw/a/b/dt=2026-03-01/x"

func newDisk(t *testing.T) store.Disk {
	t.Helper()
	return openDisk(t, t.TempDir())
}

func openDisk(t *testing.T, dir string) store.Disk {
	t.Helper()
	d, err := store.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestUnmade reads, and then writes, where no directory is yet.
func TestUnmade(t *testing.T) {
	d := openDisk(t, filepath.Join(t.TempDir(), "some", "lake"))
	nothing := func(e store.Entry) { t.Errorf("found %s", e.Key) }
	if err := errors.Join(d.List(t.Context(), "raw/", nothing), d.Walk(t.Context(), "", nothing), d.Delete(t.Context(), key)); err != nil {
		t.Error(err)
	}
	if _, err := d.Read(t.Context(), key); !store.Missing(err) {
		t.Errorf("read: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(d.Dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading made a directory: %v", err)
	}
	if err := d.Create(t.Context(), key, []byte("1")); err != nil {
		t.Fatal(err)
	}
	if got := names(t, d); !slices.Equal(got, []string{key}) {
		t.Errorf("files: %v", got)
	}
	if err := os.RemoveAll(d.Dir); err != nil {
		t.Fatal(err)
	}
	if err := d.Create(t.Context(), key, nil); !errors.Is(err, store.ErrGone) {
		t.Errorf("a directory that was there and is gone: %v", err)
	}
}

// names returns the names of all files of the store.
func names(t *testing.T, d store.Disk) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(d.Dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, name[len(d.Dir)+1:])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLostReply lets a network file system do what it is asked and then refuse the same when it is asked again, because the first
// reply was lost.
func TestLostReply(t *testing.T) {
	d := newDisk(t)
	lossy := d
	lossy.Step = func(op, name string) error {
		do := map[string]func(from, to string) error{"link": os.Link, "rename": os.Rename}[op]
		if do == nil {
			return nil
		}
		tmp, err := filepath.Glob(filepath.Join(filepath.Dir(name), store.TemporaryPrefix+"*"))
		if err != nil || len(tmp) != 1 {
			return fmt.Errorf("temporary files %v: %w", tmp, errors.Join(err, fs.ErrInvalid))
		}
		return do(tmp[0], name)
	}
	if err := lossy.Create(t.Context(), key, []byte("1")); err != nil {
		t.Error("create:", err)
	}
	if err := lossy.Put(t.Context(), key, []byte("2")); err != nil {
		t.Error("put:", err)
	}
	if data, err := d.Read(t.Context(), key); string(data) != "2" || err != nil {
		t.Errorf("read: %q, %v", data, err)
	}
	if got := names(t, d); !slices.Equal(got, []string{key}) {
		t.Errorf("files: %v", got)
	}
	if err := d.Create(t.Context(), key, []byte("3")); !errors.Is(err, store.ErrExists) {
		t.Errorf("create of another's: %v", err)
	}
}

// TestStepFails lets each single step of a write fail.
func TestStepFails(t *testing.T) {
	visible := map[string]bool{"remove": true, "syncdir": true} // what fails after the object got its name
	for _, op := range []string{"mkdir", "create", "write", "sync", "link", "remove", "syncdir"} {
		d := newDisk(t)
		failing := d
		failing.Step = func(did, _ string) error {
			if did == op {
				return syscall.EIO
			}
			return nil
		}
		err := failing.Create(t.Context(), key, []byte("1"))
		if got := errors.Is(err, syscall.EIO); got != (op != "remove") {
			t.Errorf("%s fails: %v", op, err)
		}
		if got := errors.Is(err, store.ErrUnsynced); got != (op == "syncdir") {
			t.Errorf("%s fails, unsynced %t: %v", op, got, err)
		}
		if _, err := d.Read(t.Context(), key); store.Missing(err) == visible[op] {
			t.Errorf("%s fails, and then reads get %v", op, err)
		}
		if got := len(names(t, d)); op != "remove" && got > 1 || !visible[op] && got > 0 {
			t.Errorf("%s fails and leaves %v", op, names(t, d))
		}
	}
}

func TestNoLinks(t *testing.T) {
	d := newDisk(t)
	d.Step = func(op, _ string) error {
		if op == "link" {
			return syscall.EPERM
		}
		return nil
	}
	if err := d.Create(t.Context(), key, nil); !errors.Is(err, store.ErrNoLinks) {
		t.Errorf("got %v", err)
	}
	if got := names(t, d); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

// TestGone takes the lake's directory away, as a disk that is not mounted any more does: nothing may make it anew.
func TestGone(t *testing.T) {
	d := newDisk(t)
	w, err := d.Writer(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(d.Dir, d.Dir+" elsewhere"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err == nil {
		t.Error("a file of the lake that is gone was closed")
	}
	_, opened := d.Writer(t.Context(), key)
	for what, err := range map[string]error{
		"create": d.Create(t.Context(), key, nil),
		"put":    d.Put(t.Context(), key, nil),
		"writer": opened,
		"list":   d.List(t.Context(), "raw/a/b/", func(store.Entry) {}),
		"walk":   d.Walk(t.Context(), "", func(store.Entry) {}),
	} {
		if !errors.Is(err, store.ErrGone) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Stat(d.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory is there again: %v", err)
	}
}

// TestDeleteBesideWrite deletes the only object of a directory, and so the directory, while others write into it.
func TestDeleteBesideWrite(t *testing.T) {
	d := newDisk(t)
	ctx, cancel := context.WithCancel(t.Context())
	var others, writers sync.WaitGroup
	var deleted atomic.Int64
	for range 2 {
		others.Go(func() {
			for ctx.Err() == nil {
				if err := d.Delete(t.Context(), key); err != nil {
					t.Error("delete:", err)
				}
				deleted.Add(1)
			}
		})
	}
	for i := range 2 {
		writers.Go(func() {
			for n := range 50 {
				own := fmt.Sprintf("raw/a/b/dt=2026-03-0%d/%d", i+1, n)
				if err := d.Put(t.Context(), own, []byte("1")); err != nil {
					t.Error("put:", err)
				}
				if _, err := d.Read(t.Context(), own); err != nil {
					t.Error("read:", err)
				}
				if err := d.Delete(t.Context(), own); err != nil {
					t.Error("delete:", err)
				}
			}
		})
	}
	writers.Wait()
	cancel()
	others.Wait()
	if got := names(t, d); len(got) > 0 || deleted.Load() == 0 {
		t.Errorf("left: %v", got)
	}
}

func TestCancelled(t *testing.T) {
	d := newDisk(t)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := d.Writer(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := w.Close(); !errors.Is(err, context.Canceled) {
		t.Errorf("close: %v", err)
	}
	w.Abort()
	if err := d.Create(ctx, key, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("create: %v", err)
	}
	if got := names(t, d); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}
