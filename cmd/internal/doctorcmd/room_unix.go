//go:build linux || darwin || freebsd

package doctorcmd

import "syscall"

// freeBytes returns how many bytes this user can still write into a directory.
func freeBytes(dir string) (free uint64, known bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true, nil
}
