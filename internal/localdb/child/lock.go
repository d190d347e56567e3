package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

var (
	// ErrBusy says that a child already runs in the directory.
	ErrBusy = errors.New("a server already runs in this directory")
	// ErrNotRunning says that no child runs in the directory.
	ErrNotRunning = errors.New("no server runs in this directory")
)

const (
	lockFile = "lock"
	lockWait = 2 * time.Second // for the children of a server that has just been killed
)

// Lock takes the lock of home for this process, until the returned file is closed, and for every process
// that inherits the file. It returns [ErrBusy] when another holds it.
func Lock(ctx context.Context, home string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(home, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	for deadline := time.Now().Add(lockWait); ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", home, err), f.Close())
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(fmt.Errorf("%s: %w", home, ErrBusy), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), f.Close())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// held tells whether some process holds the lock of home.
func held(home string) bool {
	f, err := os.Open(filepath.Join(home, lockFile))
	if err != nil {
		return false
	}
	defer f.Close()
	// A shared lock, so that two processes that look at the same time do not see each other.
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}
