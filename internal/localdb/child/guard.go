package child

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"syscall"
)

// guardScript reads a pid, then waits for a second line, which ends it. When the pipe closes instead, the
// starter is dead: the child is killed and the directory removed, twice because a dying server may still
// write files.
const guardScript = `trap '' HUP INT TERM
if read -r pid; then
	read -r word && exit 0
	kill -KILL "$pid" 2>/dev/null
fi
[ -z "$1" ] || rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`

// guard is a small process that outlives this one just long enough to clean up after it.
// (The parent-death signal of Linux would not do: it follows the thread that started the child, and a
// server that changes its user loses it.)
type guard struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

func newGuard(ctx context.Context, remove string) (*guard, error) {
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", guardScript, "sh", remove)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe to guard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start guard: %w", err)
	}
	return &guard{cmd: cmd, pipe: pipe}, nil
}

// RemoveIfKilled has a directory removed if this process dies before it calls release.
func RemoveIfKilled(ctx context.Context, dir string) (release func(), err error) {
	g, err := newGuard(context.WithoutCancel(ctx), dir)
	if err != nil {
		return nil, err
	}
	return g.release, nil
}

// watch tells the guard which process to end.
func (g *guard) watch(pid int) {
	if g != nil {
		_, _ = io.WriteString(g.pipe, strconv.Itoa(pid)+"\n")
	}
}

// release ends the guard; the child is gone or was never started.
func (g *guard) release() {
	if g != nil {
		_, _ = io.WriteString(g.pipe, "done\ndone\n") // one for each read, as watch may not have been called
		_ = g.pipe.Close()
		_ = g.cmd.Wait()
	}
}
