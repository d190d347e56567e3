package localdb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// Postgres is a private PostgreSQL server.
type Postgres struct{ *Server }

// StartPostgres initialises, where needed, and starts a server, and returns when it answers. Where none is
// installed, the error says what to do ([fault.Unavailable]).
func StartPostgres(ctx context.Context, opt Options) (*Postgres, error) {
	k, err := postgresKind()
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, k, opt)
	if err != nil {
		return nil, err
	}
	return &Postgres{s}, nil
}

// AttachPostgres finds a detached server by its directory. The error is [child.ErrNotRunning] when it does not run.
func AttachPostgres(ctx context.Context, dir string) (*Postgres, error) {
	k, err := postgresKind()
	if err != nil {
		return nil, err
	}
	s, err := attach(ctx, k, dir)
	if err != nil {
		return nil, err
	}
	return &Postgres{s}, nil
}

// DSN returns the connection URL for a database; an empty db is "postgres".
func (p *Postgres) DSN(db string) string { return postgresDSN(p.Server, db) }

func postgresDSN(s *Server, db string) string {
	if db == "" {
		db = "postgres"
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(userName, s.Password()),
		Host: fmt.Sprintf("%s:%d", host, s.Port()), Path: "/" + db, RawQuery: "sslmode=disable",
	}
	return u.String()
}

func postgresPing(ctx context.Context, s *Server) (version string, err error) {
	conn, err := pgx.Connect(ctx, postgresDSN(s, ""))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	err = conn.QueryRow(ctx, "SHOW server_version").Scan(&version)
	return version, err
}

func postgresKind() (kind, error) {
	// From initdb to postgres, which lies beside it but on no PATH of Debian.
	initdb := find("initdb", postgresDirs)
	if initdb == "" {
		return kind{}, errNoPostgres
	}
	if real, err := filepath.EvalSymlinks(initdb); err == nil {
		initdb = real
	}
	program := filepath.Join(filepath.Dir(initdb), "postgres")
	if _, err := os.Stat(program); err != nil {
		return kind{}, errNoPostgres
	}
	// SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
	k := kind{name: "PostgreSQL", accounts: []string{"postgres", "nobody"}, signal: syscall.SIGINT, ping: postgresPing}
	k.initialise = func(ctx context.Context, s *Server) error { return postgresInit(ctx, s, initdb) }
	k.command = func(s *Server) (string, []string) {
		args := []string{
			"-D", s.data(), "-p", fmt.Sprint(s.Port()), "-c", "listen_addresses=" + host,
			"-c", "unix_socket_directories=" + s.socketDir, "-c", "timezone=UTC", "-c", "log_timezone=UTC",
		}
		if s.opt.Fast {
			args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
		}
		return program, args
	}
	return k, nil
}

func postgresInit(ctx context.Context, s *Server, initdb string) error {
	secret := filepath.Join(s.home, "password")
	if err := s.account.WriteFile(secret, []byte(s.Password()+"\n")); err != nil {
		return fmt.Errorf("write password file: %w", err)
	}
	args := []string{
		"-D", s.data(), "-U", userName, "-A", "scram-sha-256", "--pwfile=" + secret,
		"--encoding=UTF8", "--locale=C", "--no-instructions",
	}
	if s.opt.Fast {
		args = append(args, "--no-sync")
	}
	return errors.Join(s.account.Run(ctx, s.data(), initdb, args...), os.Remove(secret))
}
