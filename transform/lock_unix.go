//go:build unix

package transform

import (
	"os"
	"syscall"
)

const locksWork = true

// lock takes a lock that ends with the process, or fails if another one has it.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }
