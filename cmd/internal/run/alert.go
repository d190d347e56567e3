package run

import (
	"context"
	"sync"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/signals"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// failures are the runs of stages that did not succeed, of a program and all its jobs.
type failures struct {
	mu   sync.Mutex
	runs []signals.FailedRun
}

func (f *failures) add(run lake.Run) {
	if run.Status == lake.Succeeded {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.runs = append(f.runs, signals.Failed(run))
}

// alert tells whom the configuration names that the program failed. Nobody is told of commands that only look, of
// dry runs, and of what a person at the keyboard did.
func (e *Env) alert(ctx context.Context, p Program, err error, code int) {
	atKeyboard := code == int(fault.Usage) || code == 128+int(syscall.SIGINT)
	if err == nil || e.Config == nil || p.Plain || p.Looks || e.DryRun || atKeyboard {
		return
	}
	e.failed.mu.Lock()
	runs := e.failed.runs
	e.failed.mu.Unlock()
	a := signals.Alert{Program: e.Name, Version: e.Version, Date: e.To, At: e.Now(), ExitCode: code, Runs: runs}
	a.Send(ctx, e.Config.Alert, e.Log, err)
}
