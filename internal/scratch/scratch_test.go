package scratch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// A directory for temporary files that is absent, or a file, is named with its variable.
func TestUnfit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Join(t.TempDir(), "gone"), file} {
		t.Setenv("TMPDIR", dir)
		_, dirErr := Dir("sort", "x-")
		_, fileErr := Nameless("sort", "x-")
		for _, err := range []error{dirErr, fileErr} {
			if fault.ClassOf(err) != fault.Config || !strings.Contains(err.Error(), dir) || !strings.Contains(fault.HintOf(err), "TMPDIR") ||
				!strings.Contains(fault.HintOf(err), dir) {
				t.Errorf("%v: class %s, remedy %q", err, fault.ClassOf(err), fault.HintOf(err))
			}
		}
	}
	for _, cause := range []error{syscall.EROFS, os.ErrPermission} {
		if err := Trouble("sort", "/scratch", cause); fault.ClassOf(err) != fault.Config {
			t.Errorf("%v: class %s", err, fault.ClassOf(err))
		}
	}
	full := Trouble("sort", "/scratch", syscall.ENOSPC)
	if fault.ClassOf(full) != fault.Unavailable || !errors.Is(full, syscall.ENOSPC) || !strings.Contains(fault.HintOf(full), "make room for temporary files in /scratch") {
		t.Errorf("%v: class %s, remedy %q", full, fault.ClassOf(full), fault.HintOf(full))
	}
}

// What was made can be used, and a nameless file leaves nothing.
func TestFit(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f, err := Nameless("sort", "x-")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("rows"); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	dir, err := Dir("sort", "x-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rows"), nil, 0o600); err != nil {
		t.Error(err)
	}
}
