package canvas

import (
	"context"
	"sync"
)

// shared is something that several tables of a run need and the first one fetches.
type shared[T any] struct {
	fetch func(context.Context) (T, error)

	once  sync.Once
	turn  chan struct{} // held by who fetches
	known bool
	value T
}

// get returns the value, fetching it if nobody has. A failure is not kept: it ends the run of who met it, and
// with it that of all others.
func (s *shared[T]) get(ctx context.Context) (T, error) {
	s.once.Do(func() { s.turn = make(chan struct{}, 1) })
	var zero T
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return zero, context.Cause(ctx)
	}
	if s.known {
		return s.value, nil
	}
	value, err := s.fetch(ctx)
	if err != nil {
		return zero, err
	}
	s.value, s.known = value, true
	return value, nil
}
