// Package localdb runs private database servers for tests, benchmarks and the demo.
//
// A server lives on loopback, in a data directory of its own, on a free port, with a random password; the
// machine's own servers and their configuration files are never touched. Unless it is detached, a server
// ends with the process that started it, however that ends.
package localdb

import (
	"context"
	"io"
	"syscall"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// Options say how to run a server. The zero value is a durable server in a directory that Stop removes.
type Options struct {
	Dir    string    // home of the server, kept by Stop; empty is a new temporary directory, removed by Stop
	Port   int       // 0 is a free one
	Log    io.Writer // receives a copy of the server's log, unless Detach; may be nil
	Extra  []string  // more arguments for the server's program; they win over ours
	Detach bool      // go on running after this process; found again by AttachMySQL and AttachPostgres
	Fast   bool      // commits need not survive a crash of the machine: for tests
}

const (
	host        = "127.0.0.1"
	userName    = "inventory"
	maxSocket   = 100 // bytes; the system's limit is 104 (macOS) or 108
	startLimit  = 90 * time.Second
	stopGrace   = 60 * time.Second
	tailBytes   = 2000
	portRetries = 3
)

// Server is what the two kinds of servers have in common.
type Server struct {
	state
	opt  Options
	kind kind
	proc *child.Process
}

// kind is what differs between the servers.
type kind struct {
	name       string
	accounts   []string // to run as, when this process is root
	signal     syscall.Signal
	initialise func(context.Context, *Server) error
	command    func(*Server) (path string, args []string)
	ping       func(context.Context, *Server) (version string, err error)
}

// Host returns the address that the server listens on.
func (s *Server) Host() string { return host }

// Port returns the server's port.
func (s *Server) Port() int { return s.state.Port }

// User returns the name of the user that owns everything on the server. It can connect over TCP only.
func (s *Server) User() string { return userName }

// Password returns the password of [Server.User].
func (s *Server) Password() string { return s.state.Password }

// Version returns the server's version as it says itself, for example "10.11.19-MariaDB".
func (s *Server) Version() string { return s.state.Version }

// PID returns the server's process id.
func (s *Server) PID() int { return s.proc.PID() }

// Dir returns the server's home directory. Its file "log" is the server's log.
func (s *Server) Dir() string { return s.home }
