package canvas

import (
	"context"
	"sync"
)

// queue holds the courses that wait for a request. The last one put is the first one taken, so that
// courses with many pages go on at once and their rows leave the memory soon.
type queue struct {
	mu      sync.Mutex
	waiting []*seats
	open    int // courses that are not done, whether waiting or with a worker
	changed chan struct{}
}

// newQueue returns a queue for so many courses.
func newQueue(courses int) *queue { return &queue{open: courses, changed: make(chan struct{})} }

// put adds a course, or gives it back.
func (q *queue) put(s *seats) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, s)
	q.wake()
}

// done says that one course is through.
func (q *queue) done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open--; q.open == 0 {
		q.wake()
	}
}

func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// take returns the courses for the next request, nil once all are through. It waits while others
// are with workers, who may give some back.
func (q *queue) take(ctx context.Context) ([]*seats, error) {
	for {
		q.mu.Lock()
		batch, open, changed := q.batch(), q.open, q.changed
		q.mu.Unlock()
		if batch != nil || open == 0 {
			return batch, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// batch takes the newest course and others after it, no more than each of them allows.
func (q *queue) batch() []*seats {
	var batch []*seats
	limit := maxBatch
	for n := len(q.waiting); n > 0; n-- {
		s := q.waiting[n-1]
		if limit = min(limit, s.share); len(batch) >= limit {
			break
		}
		batch = append(batch, s)
		q.waiting = q.waiting[:n-1]
	}
	return batch
}
