package child_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// This test program is also the starter that gets killed.
func TestMain(m *testing.M) {
	if home := os.Getenv("CHILD_TEST_HOME"); home != "" {
		_, err := child.Start(context.Background(), child.Spec{
			Home: home, Path: "/bin/sleep", Args: []string{"600"},
			Detach: os.Getenv("CHILD_TEST_DETACH") != "", Remove: os.Getenv("CHILD_TEST_REMOVE") != "",
		})
		fmt.Println(err)
		_, _ = io.Copy(io.Discard, os.Stdin) // until killed
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// startAndKill starts a child from another process, which it then kills.
func startAndKill(t *testing.T, home string, env ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), append(env, "CHILD_TEST_HOME="+home)...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, len("<nil>\n"))
	if _, err := io.ReadFull(out, answer); err != nil || string(answer) != "<nil>\n" {
		t.Fatalf("start: %s %v", answer, err)
	}
	if _, err := child.Attach(home); err != nil {
		t.Fatalf("the child before the kill: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

// eventually waits for something that another process does.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 1000 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s: not so after 10 s", what)
}

func TestStarterIsKilled(t *testing.T) {
	t.Run("child ends", func(t *testing.T) {
		home := t.TempDir()
		startAndKill(t, home)
		eventually(t, "child ended", func() bool {
			_, err := child.Attach(home)
			return errors.Is(err, child.ErrNotRunning)
		})
		if _, err := os.Stat(filepath.Join(home, child.LogFile)); err != nil {
			t.Errorf("home directory: %v", err)
		}
	})
	t.Run("its directory goes too", func(t *testing.T) {
		home := filepath.Join(t.TempDir(), "a 'b' $(c)")
		startAndKill(t, home, "CHILD_TEST_REMOVE=1")
		eventually(t, "directory removed", func() bool {
			_, err := os.Stat(home)
			return errors.Is(err, os.ErrNotExist)
		})
	})
	t.Run("detached child goes on", func(t *testing.T) {
		home := t.TempDir()
		startAndKill(t, home, "CHILD_TEST_DETACH=1")
		p, err := child.Attach(home)
		if err != nil {
			t.Fatal(err)
		}
		if !p.Alive() {
			t.Error("ended")
		}
		if err := p.Stop(syscall.SIGTERM, time.Minute); err != nil {
			t.Fatal(err)
		}
		if p.Alive() {
			t.Error("lives after Stop")
		}
	})
}

// Stop returns only when the child's own children are gone, and kills what does not listen.
func TestStop(t *testing.T) {
	home := t.TempDir()
	var log bytes.Buffer
	p, err := child.Start(t.Context(), child.Spec{
		Home: home, Path: "/bin/sh", Log: &log,
		Args: []string{"-c", `trap "" TERM; echo ready; sleep 0.5 & while :; do sleep 0.05; done`},
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "log", func() bool { return strings.Contains(child.Tail(home, 100), "ready") })
	if _, err := child.Start(t.Context(), child.Spec{Home: home, Path: "/bin/true"}); !errors.Is(err, child.ErrBusy) {
		t.Errorf("a second child: %v", err)
	}
	if err := p.Stop(syscall.SIGTERM, 50*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	lock, err := child.Lock(t.Context(), home)
	if err != nil {
		t.Fatalf("after Stop: %v", err)
	}
	_ = lock.Close()
	if err := p.Stop(syscall.SIGTERM, 0); err != nil {
		t.Errorf("second Stop: %v", err)
	}
	if got := log.String(); got != "ready\n" {
		t.Errorf("copied log %q", got)
	}
}

func TestStartFails(t *testing.T) {
	home := t.TempDir()
	if _, err := child.Start(t.Context(), child.Spec{Home: home, Path: "/nowhere/program", Remove: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that does not exist: %v", err)
	}
	if _, err := child.Attach(home); !errors.Is(err, child.ErrNotRunning) {
		t.Errorf("afterwards: %v", err)
	}
	if _, err := os.Stat(home); err != nil {
		t.Errorf("the directory of a child that never ran: %v", err)
	}
}

func TestTail(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, child.LogFile), []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := child.Tail(home, 9); got != "three" { // "wo\nthree\n" would begin inside a line
		t.Errorf("tail %q", got)
	}
	if got := child.Tail(home, 100); got != "one\ntwo\nthree" {
		t.Errorf("tail %q", got)
	}
}
