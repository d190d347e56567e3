// Package fanout does many small fetches at once and hands out what they bring as one sequence.
package fanout

import (
	"context"
	"errors"
	"iter"

	"golang.org/x/sync/errgroup"
)

// errStopped is the cause of the cancellation when the reader of a sequence has had enough.
var errStopped = errors.New("reader stopped")

// Each calls fetch for every item, up to workers at once, and yields the rows of each call
// together, in the order in which the calls end. The sequence ends at the first error, which it yields. When it
// ends, for whatever reason, no call is under way any more.
func Each[I, T any](ctx context.Context, workers int, items []I, fetch func(context.Context, I) ([]T, error)) iter.Seq2[T, error] {
	return Over(ctx, workers, func(yield func(I, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}, fetch)
}

// Over is [Each] for items that come one after the other. An error among them ends the sequence.
func Over[I, T any](ctx context.Context, workers int, items iter.Seq2[I, error], fetch func(context.Context, I) ([]T, error)) iter.Seq2[T, error] {
	return Stream(ctx, func(ctx context.Context, emit func([]T) error) error {
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(max(1, workers))
		for item, err := range items {
			if err != nil {
				g.Go(func() error { return err })
			}
			if err != nil || gctx.Err() != nil {
				break
			}
			g.Go(func() error {
				rows, err := fetch(gctx, item)
				if err != nil {
					return err
				}
				return emit(rows)
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		return context.Cause(ctx) // some items may have been left out
	})
}

// Stream runs produce in a goroutine and yields what it emits. emit may be called by several goroutines;
// it fails once the reader has stopped or ctx has ended.
func Stream[T any](ctx context.Context, produce func(ctx context.Context, emit func([]T) error) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		rows := make(chan []T)
		ended := make(chan error, 1)
		go func() {
			defer close(rows)
			ended <- produce(ctx, func(batch []T) error {
				select {
				case rows <- batch:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			})
		}()
		defer func() {
			cancel(errStopped)
			for range rows { // until the goroutine has gone
			}
		}()
		for batch := range rows {
			for _, row := range batch {
				if !yield(row, nil) {
					return
				}
			}
		}
		if err := <-ended; err != nil {
			var zero T
			yield(zero, err)
		}
	}
}
