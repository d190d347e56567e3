package run

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// stopping remembers the signal that asked the program to stop. The first one cancels the context, so that
// the program ends in order; a second one ends it at once.
type stopping struct {
	mu     sync.Mutex
	caught syscall.Signal
	stop   func()
}

func watchSignals(ctx context.Context) (context.Context, *stopping) {
	ctx, cancel := context.WithCancelCause(ctx)
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGINT, syscall.SIGTERM)
	hangups := !signal.Ignored(syscall.SIGHUP) // nohup ignores them
	if hangups {
		signal.Notify(c, syscall.SIGHUP)
	}
	done := make(chan struct{})
	var s stopping
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-done:
		case got := <-c:
			signal.Stop(c)
			if hangups {
				// A terminal that closes sends SIGHUP, and its shell sends it again: that must not end the
				// saving. Nor must a log whose reader has gone with the terminal.
				unread := make(chan os.Signal, 1)
				signal.Notify(unread, syscall.SIGHUP, syscall.SIGPIPE)
				defer signal.Stop(unread)
			}
			s.mu.Lock()
			s.caught, _ = got.(syscall.Signal)
			s.mu.Unlock()
			cancel(stopped{got})
			<-done
		}
	})
	s.stop = sync.OnceFunc(func() {
		signal.Stop(c)
		close(done)
		wg.Wait()
		cancel(nil)
	})
	return ctx, &s
}

// stopped is the cause of a context that a signal cancelled; it is [context.Canceled].
type stopped struct{ by os.Signal }

func (s stopped) Error() string {
	switch s.by {
	case syscall.SIGINT:
		return "interrupted (Ctrl-C)"
	case syscall.SIGHUP:
		return "terminated (SIGHUP, the terminal was closed)"
	default:
		return "terminated (SIGTERM)"
	}
}

func (stopped) Unwrap() error { return context.Canceled }

// explainStop returns err with the signal in place of Go's words for it, and with a remedy, if a signal is why the work on ctx ended
// with err. Else it returns err.
func explainStop(ctx context.Context, err error, remedy string) error {
	var why stopped
	var told *explained
	if !errors.Is(err, context.Canceled) || !errors.As(context.Cause(ctx), &why) || errors.As(err, &told) {
		return err
	}
	return fault.New(fault.Interrupted, remedy, &explained{strings.ReplaceAll(err.Error(), context.Canceled.Error(), why.Error()), err})
}

type explained struct {
	text string
	error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.error }

const (
	runAgain = "run the same command again"
	runOn    = runAgain + "; it goes on where it stopped"
)

// exitCode returns the exit code of a program that ends with err.
func (s *stopping) exitCode(err error) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.caught != 0 {
		return 128 + int(s.caught)
	}
	return int(fault.ClassOf(err))
}
