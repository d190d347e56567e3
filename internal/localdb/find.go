package localdb

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Where package managers put server programs that are on no PATH.
var (
	mysqlDirs = []string{
		"/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/usr/local/mysql/bin",
		"/opt/homebrew/opt/*/bin", "/usr/local/opt/*/bin", "/home/linuxbrew/.linuxbrew/opt/*/bin",
	}
	postgresDirs = []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
	}
)

// ErrNotInstalled says that the machine has no program of the server.
var ErrNotInstalled = errors.New("not installed")

var (
	errNoMySQL = fault.New(fault.Unavailable,
		"Install one with `make setup`, or: apt-get install --no-install-recommends mariadb-server-core mariadb-client-core "+
			"(Debian, Ubuntu), brew install mariadb (macOS).",
		fmt.Errorf("a MySQL-compatible server (mariadbd, mysqld): %w", ErrNotInstalled))
	errNoPostgres = fault.New(fault.Unavailable,
		"Install one with `make setup`, or: apt-get install postgresql (Debian, Ubuntu), brew install postgresql@15 (macOS).",
		fmt.Errorf("PostgreSQL's server (initdb, postgres): %w", ErrNotInstalled))
)

// find returns the path of a program: from PATH, else from the directories, where the last match of a
// pattern wins (the newest version). It returns "" when there is none.
func find(program string, dirs []string) string {
	if path, err := exec.LookPath(program); err == nil {
		if path, err = filepath.Abs(path); err == nil {
			return path
		}
	}
	for _, pattern := range dirs {
		matches, _ := filepath.Glob(filepath.Join(pattern, program)) // the patterns are well-formed
		for _, path := range slices.Backward(matches) {
			if _, err := exec.LookPath(path); err == nil {
				return path
			}
		}
	}
	return ""
}
