package run

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

func TestExplainStop(t *testing.T) {
	for _, c := range []struct {
		by   syscall.Signal
		err  func(context.Context) error
		want string
	}{
		{syscall.SIGINT, context.Cause, "raw/canvas/term: interrupted (Ctrl-C)"},
		{syscall.SIGINT, context.Context.Err, "raw/canvas/term: interrupted (Ctrl-C)"},
		{syscall.SIGTERM, context.Cause, "raw/canvas/term: terminated (SIGTERM)"},
		{syscall.SIGHUP, context.Cause, "raw/canvas/term: terminated (SIGHUP, the terminal was closed)"},
		{syscall.SIGTERM, context.Context.Err, "raw/canvas/term: terminated (SIGTERM)"},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(stopped{c.by})
		below, end := context.WithCancel(ctx)
		end()
		err := explainStop(ctx, fmt.Errorf("raw/canvas/term: %w", c.err(below)), runOn)
		err = explainStop(ctx, fmt.Errorf("job: %w", err), runAgain)
		if err.Error() != "job: "+c.want || fault.HintOf(err) != runOn || fault.ClassOf(err) != fault.Interrupted {
			t.Errorf("%v, remedy %q, %v", err, fault.HintOf(err), fault.ClassOf(err))
		}
		other := errors.New("disk full")
		if got := explainStop(ctx, other, runOn); got.Error() != other.Error() {
			t.Errorf("another error: %v", got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := explainStop(ctx, ctx.Err(), runOn); err.Error() != context.Canceled.Error() {
		t.Errorf("cancelled by no signal: %v", err)
	}
}
