// Package child runs a server program beside this one and can always tell whether it lives.
//
// Every child inherits a locked file in its home directory. The system frees that lock when the last
// process that holds it ends, however it ends, so "the lock is held" and "the server runs" are the same
// fact: no stale pid file can mislead, and two servers can never work on one directory.
//
// A child ends with its starter, even one that is killed ([Spec.Detach] is false), or outlives it and is
// found again by [Attach].
package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	pidFile = "pid"
	// LogFile is the file in the home directory that receives what the child prints.
	LogFile = "log"
	// killGrace bounds the wait for a process that got SIGKILL and for its own children.
	killGrace = 10 * time.Second
)

// Spec says what to run.
type Spec struct {
	Home   string    // directory for the lock, the pid and the log; made if absent
	Path   string    // program
	Args   []string  // arguments without the program's name
	Env    []string  // environment; nil is this process's own
	Dir    string    // working directory; empty is Home
	User   *User     // run as this user; nil is the current one
	Log    io.Writer // receives a copy of the log, unless detached; may be nil
	Detach bool      // outlive this process
	Remove bool      // when this process dies without stopping the child, remove Home too
}

// Process is a running child, or one that has ended.
type Process struct {
	pid  int
	home string

	// Only of a child that this process started:
	done  chan struct{} // closed when the child has been reaped
	guard *guard
}

// Start runs spec. It returns [ErrBusy] when a child already runs in the home directory.
func Start(ctx context.Context, spec Spec) (*Process, error) {
	if err := os.MkdirAll(spec.Home, 0o711); err != nil {
		return nil, fmt.Errorf("make home directory: %w", err)
	}
	lock, err := Lock(ctx, spec.Home)
	if err != nil {
		return nil, err
	}
	defer lock.Close() // the child has its own copy

	logFile, err := os.OpenFile(filepath.Join(spec.Home, LogFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	var out io.Writer = logFile
	if spec.Log != nil && !spec.Detach {
		out = io.MultiWriter(logFile, spec.Log)
	}

	ctx = context.WithoutCancel(ctx) // the child's life is ended by Stop, not with its start
	cmd := exec.CommandContext(ctx, spec.Path, spec.Args...)
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	if cmd.Dir == "" {
		cmd.Dir = spec.Home
	}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = killGrace
	cmd.ExtraFiles = []*os.File{lock}
	// Away from the terminal's group, so that Ctrl-C reaches only this process, which then decides.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !spec.Detach, Setsid: spec.Detach, Credential: spec.User.credential()}

	if err := os.Remove(filepath.Join(spec.Home, pidFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("remove old pid file: %w", err), logFile.Close())
	}
	p := &Process{home: spec.Home, done: make(chan struct{})}
	if !spec.Detach {
		remove := ""
		if spec.Remove {
			remove = spec.Home
		}
		if p.guard, err = newGuard(ctx, remove); err != nil {
			return nil, errors.Join(err, logFile.Close())
		}
	}
	if err := cmd.Start(); err != nil {
		p.guard.release()
		return nil, errors.Join(fmt.Errorf("start %s: %w", filepath.Base(spec.Path), err), logFile.Close())
	}
	p.pid = cmd.Process.Pid
	p.guard.watch(p.pid)
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		p.guard.release()
		_ = logFile.Close()
		close(p.done)
	}()
	if err := os.WriteFile(filepath.Join(spec.Home, pidFile), []byte(strconv.Itoa(p.pid)+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("write pid file: %w", err), p.Stop(syscall.SIGKILL, 0))
	}
	return p, nil
}

// Attach finds the child that runs in home. It returns [ErrNotRunning] when none does.
func Attach(home string) (*Process, error) {
	if !held(home) {
		return nil, ErrNotRunning
	}
	text, err := os.ReadFile(filepath.Join(home, pidFile))
	if err != nil {
		return nil, fmt.Errorf("read pid file: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return nil, fmt.Errorf("pid file %s does not hold a process id", filepath.Join(home, pidFile))
	}
	return &Process{pid: pid, home: home}, nil
}

// PID returns the child's process id.
func (p *Process) PID() int { return p.pid }

// Alive tells whether the child still runs.
func (p *Process) Alive() bool {
	if p.done == nil {
		return held(p.home)
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Stop sends sig, waits for the child's end as long as grace, then kills it. Nothing that the child
// itself started is left when Stop returns without an error. Stopping an ended child is no error.
func (p *Process) Stop(sig syscall.Signal, grace time.Duration) error {
	if p.Alive() {
		if err := syscall.Kill(p.pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signal process %d: %w", p.pid, err)
		}
		if p.ended(grace) {
			return nil
		}
		if err := syscall.Kill(p.pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("kill process %d: %w", p.pid, err)
		}
	}
	if !p.ended(killGrace) {
		return fmt.Errorf("process %d does not end", p.pid)
	}
	return nil
}

// ended waits until the child and its own children are gone, at most for limit.
func (p *Process) ended(limit time.Duration) bool {
	for deadline := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		if !p.Alive() && !held(p.home) {
			return true
		}
		if !time.Now().Before(deadline) {
			return false
		}
	}
}

// Tail returns the last lines of the log in home, at most limit bytes.
func Tail(home string, limit int) string {
	text, err := os.ReadFile(filepath.Join(home, LogFile))
	if err != nil {
		return ""
	}
	if len(text) > limit {
		text = text[len(text)-limit:]
		if _, rest, found := strings.Cut(string(text), "\n"); found {
			text = []byte(rest)
		}
	}
	return strings.TrimSpace(string(text))
}
