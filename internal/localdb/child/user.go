package child

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// User is an account without rights of its own, for servers that should not or will not run as root.
type User struct {
	Name     string
	UID, GID uint32
}

// Unprivileged returns the first of the accounts that exists. It returns nil when this process is not
// root: then it needs no other user.
func Unprivileged(names ...string) (*User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &User{Name: name, UID: uint32(uid), GID: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("none of the accounts %q exists to run a server with", names)
}

func (u *User) credential() *syscall.Credential {
	if u == nil {
		return nil
	}
	return &syscall.Credential{Uid: u.UID, Gid: u.GID}
}

// Mkdir makes a private directory of the user, with its missing parents.
func (u *User) Mkdir(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o711); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return u.own(dir)
}

// WriteFile writes a file that only the user (and root) can read.
func (u *User) WriteFile(name string, text []byte) error {
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return err
	}
	return u.own(name)
}

func (u *User) own(name string) error {
	if u == nil {
		return nil
	}
	return os.Chown(name, int(u.UID), int(u.GID))
}

// CanEnter tells whether the user may pass through all parents of dir into it.
func (u *User) CanEnter(ctx context.Context, dir string) bool {
	return u.Run(ctx, "/", "/bin/sh", "-c", `cd -- "$1"`, "sh", dir) == nil
}

// Run runs a program to its end as the user; an error carries what it printed.
func (u *User) Run(ctx context.Context, dir, path string, args ...string) error {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: u.credential()}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // scripts have children
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%s: %w\n%s", filepath.Base(path), err, lastBytes(out, 2000))
}

func lastBytes(b []byte, n int) []byte {
	if len(b) > n {
		return b[len(b)-n:]
	}
	return b
}
