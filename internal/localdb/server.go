package localdb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// start prepares the home directory, starts the server and waits until it answers.
func start(ctx context.Context, k kind, opt Options) (*Server, error) {
	s := &Server{opt: opt, kind: k}
	account, err := child.Unprivileged(k.accounts...)
	if err != nil {
		return nil, s.fail(err)
	}
	s.account = account
	dir := opt.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "localdb-"+k.name+"-"); err != nil {
			return nil, fmt.Errorf("make server directory: %w", err)
		}
		s.temporary = true
	}
	if s.home, err = place(ctx, dir, account); err != nil {
		return nil, s.fail(err)
	}
	if s.temporary {
		release, err := child.RemoveIfKilled(ctx, s.home)
		if err != nil {
			return nil, errors.Join(err, s.removeTemporary())
		}
		defer release()
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(s.fail(err), s.removeTemporary())
	}
	if err := s.run(ctx); err != nil {
		return nil, errors.Join(s.fail(err), s.removeTemporary())
	}
	return s, nil
}

// attach finds a running server.
func attach(ctx context.Context, k kind, dir string) (*Server, error) {
	s := &Server{kind: k, opt: Options{Dir: dir, Detach: true}}
	var err error
	if s.account, err = child.Unprivileged(k.accounts...); err != nil {
		return nil, s.fail(err)
	}
	if s.home, err = place(ctx, dir, s.account); err != nil {
		return nil, s.fail(err)
	}
	if s.proc, err = child.Attach(s.home); err != nil {
		return nil, fmt.Errorf("private %s server: %w", k.name, err)
	}
	if err := s.read(); err != nil {
		return nil, s.fail(err)
	}
	return s, nil
}

// prepare initialises the data directory, unless an earlier start did.
func (s *Server) prepare(ctx context.Context) error {
	lock, err := child.Lock(ctx, s.home)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := s.read(); err == nil {
		return nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	// Without a state file a data directory is one whose initialisation did not end.
	if err := os.RemoveAll(s.data()); err != nil {
		return fmt.Errorf("remove half-made data directory: %w", err)
	}
	if err := s.account.Mkdir(s.data()); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	s.state.Password = rand.Text()
	if err := s.kind.initialise(ctx, s); err != nil {
		return fmt.Errorf("initialise data directory: %w", err)
	}
	return s.write()
}

// run starts the server on the initialised directory.
func (s *Server) run(ctx context.Context) error {
	s.socketDir = filepath.Join(s.home, "run")
	if len(s.socketDir) > maxSocket-len("/.s.PGSQL.65535.lock") {
		s.socketDir = short(s.home) + ".run"
	}
	if err := s.account.Mkdir(s.socketDir); err != nil {
		return fmt.Errorf("make socket directory: %w", err)
	}
	for attempt := 1; ; attempt++ {
		port := s.opt.Port
		if port == 0 {
			port = s.state.Port
		}
		if port == 0 || (s.opt.Port == 0 && taken(ctx, port)) {
			var err error
			if port, err = freePort(ctx); err != nil {
				return err
			}
		}
		s.state.Port = port
		path, args := s.kind.command(s)
		proc, err := child.Start(ctx, child.Spec{
			Home: s.home, Path: path, Args: append(args, s.opt.Extra...), Dir: s.data(), User: s.account,
			Log: s.opt.Log, Detach: s.opt.Detach, Remove: s.temporary,
		})
		if err != nil {
			return err
		}
		s.proc = proc
		err = s.answer(ctx)
		if err == nil {
			return s.write()
		}
		err = errors.Join(err, proc.Stop(syscall.SIGKILL, 0))
		// Another program may have taken the port between our look and the server's.
		if s.opt.Port != 0 || attempt == portRetries || !taken(ctx, port) || ctx.Err() != nil {
			return err
		}
	}
}

// answer waits until the server answers.
func (s *Server) answer(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("no answer within %s", startLimit))
	defer cancel()
	for {
		version, err := s.kind.ping(ctx, s)
		if err == nil {
			s.state.Version = version
			return nil
		}
		if !s.proc.Alive() {
			return fmt.Errorf("it ended at once; the end of its log:\n%s", child.Tail(s.home, tailBytes))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// Kill ends the server at once, as a crash would.
func (s *Server) Kill() error { return s.proc.Stop(syscall.SIGKILL, 0) }

// Restart starts the server again on its data, directory and port; if it still runs, it is stopped first.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.proc.Stop(s.kind.signal, stopGrace); err != nil {
		return err
	}
	if err := s.run(ctx); err != nil {
		return s.fail(err)
	}
	return nil
}

// Stop ends the server and removes its directory if that is a temporary one. It may be called twice.
func (s *Server) Stop() error {
	if err := s.proc.Stop(s.kind.signal, stopGrace); err != nil {
		return err
	}
	if s.socketDir != filepath.Join(s.home, "run") {
		if err := os.RemoveAll(s.socketDir); err != nil {
			return fmt.Errorf("remove socket directory: %w", err)
		}
	}
	return s.removeTemporary()
}

func (s *Server) removeTemporary() error {
	if !s.temporary {
		return nil
	}
	return os.RemoveAll(s.home)
}

// fail says which server could not be had, and what to do.
func (s *Server) fail(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	hint := fault.HintOf(err)
	if hint == "" && s.home != "" {
		hint = "Read the server's log " + filepath.Join(s.home, child.LogFile) + "."
	}
	return fault.New(fault.Unavailable, hint, fmt.Errorf("private %s server: %w", s.kind.name, err))
}
