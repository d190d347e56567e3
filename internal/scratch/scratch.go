// Package scratch makes files and directories below the system's directory for temporary files, and says
// what to do where that cannot be used.
package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Dir makes a directory, which the caller removes, as [os.MkdirTemp] does. What is it for, the error says.
func Dir(what, pattern string) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	return dir, Trouble(what, os.TempDir(), err)
}

// Nameless makes a file that has no name, so that the system removes it with the process, however that ends.
func Nameless(what, pattern string) (*os.File, error) {
	file, err := os.CreateTemp("", pattern)
	if err != nil {
		return nil, Trouble(what, os.TempDir(), err)
	}
	_ = os.Remove(file.Name()) // the open file stays
	return file, nil
}

// Trouble gives an error of using a file below dir, a directory for temporary files, its class and remedy: a
// directory that this user cannot write to is a matter of configuration, a full disk is not.
func Trouble(what, dir string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s in the directory for temporary files, %s: %w", what, dir, err)
	for _, unfit := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.EROFS, syscall.ENOTDIR} {
		if errors.Is(err, unfit) {
			return fault.New(fault.Config, fmt.Sprintf("make the directory %s and let this user write to it, or set TMPDIR to one where that is so", dir), err)
		}
	}
	return fault.New(fault.Unavailable, fmt.Sprintf("make room for temporary files in %s, or set TMPDIR to a directory on a larger disk, and run the same command again", dir), err)
}
