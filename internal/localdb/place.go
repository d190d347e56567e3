package localdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// place returns the directory to use for dir: itself, or, where the account may not enter it (a checkout
// under /root), one in the system's temporary directory that belongs to dir alone.
func place(ctx context.Context, dir string, account *child.User) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", fmt.Errorf("make server directory: %w", err)
	}
	if account == nil {
		return dir, nil
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", err
	}
	if account.CanEnter(ctx, dir) {
		return dir, nil
	}
	other := short(dir)
	if err := os.Mkdir(other, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make server directory: %w", err)
	}
	// Its name can be guessed, so make sure that nobody else made it.
	info, err := os.Lstat(other)
	if err != nil {
		return "", err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || !ok || int(owner.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s is not a directory of this user", other)
	}
	if !account.CanEnter(ctx, other) {
		return "", fmt.Errorf("user %s cannot enter %s", account.Name, other)
	}
	return other, nil
}

// Remove removes the directory of a stopped server, wherever its data had to be placed.
// The error is [child.ErrBusy] when the server runs.
func Remove(ctx context.Context, dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for _, home := range []string{dir, short(dir)} {
		if _, err := os.Lstat(home); errors.Is(err, os.ErrNotExist) {
			continue
		}
		lock, err := child.Lock(ctx, home)
		if err != nil {
			return err
		}
		err = errors.Join(os.RemoveAll(home), os.RemoveAll(short(home)+".run"), lock.Close())
		if err != nil {
			return fmt.Errorf("remove server directory: %w", err)
		}
	}
	return nil
}

// short returns a short path that belongs to dir alone.
func short(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(os.TempDir(), "localdb-"+hex.EncodeToString(sum[:6]))
}

func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", host+":0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// taken tells whether some program listens on the port.
func taken(ctx context.Context, port int) bool {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", fmt.Sprintf("%s:%d", host, port))
	if err != nil {
		return true
	}
	_ = l.Close()
	return false
}
