package rest

import (
	"context"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
)

// linger is how long a request under way may go on after its run was told to end. It is less than what service
// managers leave a program between SIGTERM and SIGKILL.
const linger = 8 * time.Second

// lingering returns the context of a request under way. Where answers are remembered it outlasts ctx for a while, so that an
// answer on its way is not asked for again by the next run.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	if memo.Of(ctx) == nil {
		return context.WithCancel(ctx)
	}
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	var mu sync.Mutex
	var timer *time.Timer
	stop := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		timer = time.AfterFunc(linger, func() { cancel(context.Cause(ctx)) })
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
		mu.Lock()
		defer mu.Unlock()
		if timer != nil {
			timer.Stop()
		}
	}
}
