package transform

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/tl-its-umich-edu/course-inventory/internal/scratch"
)

const (
	scratchPrefix = "course-inventory-transform-"
	lockName      = "lock" // held by the living run that owns the directory
)

// newScratch makes a directory for the files of a run, below parent or the system's directory for temporary
// files, and removes those of runs that were killed. The caller calls remove.
func newScratch(parent string) (dir string, remove func() error, err error) {
	if parent == "" {
		parent = os.TempDir()
	}
	sweep(parent)
	dir, err = os.MkdirTemp(parent, scratchPrefix)
	if err != nil {
		return "", nil, scratch.Trouble("make a directory", parent, err)
	}
	// The lock gets its name once it is held, so that no sweep takes the directory for abandoned.
	held, err := os.Create(filepath.Join(dir, lockName+".new"))
	if err == nil {
		err = errors.Join(lock(held), os.Rename(held.Name(), filepath.Join(dir, lockName)))
	}
	if err != nil {
		_ = held.Close()
		return "", nil, errors.Join(scratch.Trouble("make a directory", parent, err), os.RemoveAll(dir))
	}
	return dir, func() error { return errors.Join(os.RemoveAll(dir), held.Close()) }, nil
}

// sweep removes the directories whose owner is gone. What cannot be removed is not this run's concern.
func sweep(parent string) {
	if !locksWork {
		return
	}
	locks, _ := filepath.Glob(filepath.Join(parent, scratchPrefix+"*", lockName)) // the pattern is well-formed, or parent is odd
	for _, name := range locks {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if lock(f) == nil {
			_ = os.RemoveAll(filepath.Dir(name))
		}
		_ = f.Close()
	}
}
