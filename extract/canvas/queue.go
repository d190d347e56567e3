package canvas

import (
	"context"
	"sync"
)

// queue holds the pages of enrollments that wait for a request. The last one put is the first one taken, so that
// courses with many pages go on at once and their rows leave the memory soon.
type queue struct {
	most int // pages per request, at most

	mu      sync.Mutex
	waiting []*slot
	open    int // pages that are not done, whether waiting or with a worker
	size    int // pages per request at present
	good    int // full requests that went well since the size last changed
	needed  int // how many of them it takes to dare more
	changed chan struct{}
}

func newQueue(most int) *queue {
	return &queue{most: most, size: most, needed: 4, changed: make(chan struct{})}
}

// put adds pages.
func (q *queue) put(slots ...*slot) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, slots...)
	q.open += len(slots)
	q.wake()
}

// back gives pages back that are to be asked for again.
func (q *queue) back(slots ...*slot) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, slots...)
	q.wake()
}

// done says that a page is through.
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

// take returns the pages for the next request, nil once all are through. It waits while others
// are with workers, who may give some back.
func (q *queue) take(ctx context.Context) ([]*slot, error) {
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

// batch takes the newest page and others after it, no more than each of them allows.
func (q *queue) batch() []*slot {
	var batch []*slot
	limit := q.size
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

// went tells how a request for so many pages went. The size is halved after one that was too heavy, and doubled again
// after a number of full ones, a larger number each time that this was in vain.
func (q *queue) went(well bool, pages int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case !well:
		q.size, q.good, q.needed = max(1, min(q.size, (pages+1)/2)), 0, min(64, 2*q.needed)
	case pages >= q.size:
		if q.good++; q.good >= q.needed {
			q.size, q.good = min(q.most, 2*q.size), 0
		}
	}
}
