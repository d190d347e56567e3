package run

import (
	"context"
	"fmt"
	"os"
	"os/signal"
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
	done := make(chan struct{})
	var s stopping
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-done:
		case got := <-c:
			signal.Stop(c)
			s.mu.Lock()
			s.caught, _ = got.(syscall.Signal)
			s.mu.Unlock()
			// Wrapped, so that the cause still is context.Canceled.
			cancel(fmt.Errorf("%w by %v", context.Canceled, got))
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

// exitCode returns the exit code of a program that ends with err.
func (s *stopping) exitCode(err error) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.caught != 0 {
		return 128 + int(s.caught)
	}
	return int(fault.ClassOf(err))
}
