package lake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// TestDiskFull publishes on a small disk that has room for one block more each time, from none to enough.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mount a small disk, which takes a privileged user: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	disk, err := store.OpenDisk(filepath.Join(dir, "lake"))
	if err != nil {
		t.Fatal(err)
	}
	l := lake.New(disk, "test://")
	p := newPublications(t, disk)
	full := 0
	for blocks := 0; ; blocks++ {
		fill(t, filepath.Join(dir, "ballast"), blocks)
		run := lake.NewRunID(time.Now())
		s, err := publish(t.Context(), l, run)
		p.newest = p.either(t, run, s, err)
		leftovers(t, disk, 0)
		if err == nil {
			break
		}
		full++
		if !errors.Is(err, syscall.ENOSPC) || fault.ClassOf(err) != fault.Unavailable || p.newest.Run == run {
			t.Errorf("%d blocks: class %s: %v", blocks, fault.ClassOf(err), err)
		}
	}
	if err := os.Remove(filepath.Join(dir, "ballast")); err != nil {
		t.Fatal(err)
	}
	p.publish(t)
	if full < 3 {
		t.Errorf("the disk was full %d times only", full)
	}
}

// fill makes a file that leaves the disk the given number of blocks.
func fill(t *testing.T, name string, blocks int) {
	t.Helper()
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(name), &s); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, make([]byte, (int64(s.Bavail)-int64(blocks))*s.Bsize), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPermissionLost takes the right to write away at each step of a publication: from the directories that are there then.
func TestPermissionLost(t *testing.T) {
	unprivileged(t)
	disk := newDisk(t)
	p := newPublications(t, disk)
	lost := 0
	for first := 0; ; first++ {
		steps := 0
		watched := disk
		watched.Step = func(string, string) error {
			if steps++; steps-1 == first {
				protect(t, disk.Dir, 0o555)
			}
			return nil
		}
		run := lake.NewRunID(time.Now())
		s, err := publish(t.Context(), lake.New(watched, "test://"), run)
		protect(t, disk.Dir, 0o755)
		p.newest = p.either(t, run, s, err)
		if steps <= first {
			break
		}
		if err != nil {
			lost++
			if fault.ClassOf(err) != fault.Permission || fault.HintOf(err) == "" || p.newest.Run == run {
				t.Errorf("step %d: class %s: %v", first, fault.ClassOf(err), err)
			}
		}
		p.publish(t)
	}
	if lost < 5 {
		t.Errorf("only %d publications failed", lost)
	}
}

// unprivileged lets the rest of the test work on files as a user whom permissions bind.
func unprivileged(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	const nobody = 65534
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} { // both are this test's own
		if err := os.Chown(d, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread() // never unlocked: the thread ends with the test's goroutine
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
}

// protect sets the permissions of a directory and all below.
func protect(t *testing.T, dir string, mode os.FileMode) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			err = os.Chmod(name, mode)
		}
		return err
	})
	if err != nil {
		t.Fatal(fmt.Errorf("protect: %w", err))
	}
}

// TestScratchFull sorts rows where the disk for temporary files is too small for them.
func TestScratchFull(t *testing.T) {
	eachStore(t, func(t *testing.T, s store.Store) {
		dir := os.Getenv("TMPDIR")
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
			t.Skipf("mount a small disk, which takes a privileged user: %v", err)
		}
		checkScratchError(t, s, fault.Unavailable, syscall.ENOSPC)
		if err := syscall.Unmount(dir, 0); err != nil { // fails while a file is open
			t.Errorf("unmount: %v", err)
		}
	})
}
