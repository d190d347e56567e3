package extract

import (
	"context"
	"log/slog"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// resume returns the context for the fetches and what must be called when they are over and, if all went well, committed.
func (r *run) resume(ctx context.Context) (fetching context.Context, finish func(done bool), err error) {
	digest := r.plan.Source.Resume
	if digest == "" {
		return ctx, func(bool) {}, nil
	}
	parts := []string{digest, r.plan.ToolVersion}
	for _, t := range r.tables {
		parts = append(parts, t.Name)
	}
	name := lake.Checkpoint{Source: r.plan.Source.Name, Date: r.plan.Date, Digest: memo.Key(parts...)}
	if r.plan.Restart {
		if err := r.lake.DropCheckpoints(ctx, name); err != nil {
			return nil, nil, err
		}
	}
	c, err := resume(ctx, r.lake, name, r.plan.Run, &r.book, r.log())
	if err != nil {
		return nil, nil, err
	}
	return memo.With(ctx, c), func(done bool) { c.close(ctx, done) }, nil
}

func (r *run) log() *slog.Logger {
	if r.plan.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.plan.Log
}
