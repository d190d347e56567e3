package canvas

import (
	"context"
	"sync"
)

// queue holds the pages of enrollments that wait for a request. Further pages of courses that have begun are taken first,
// so that their rows leave the memory soon.
type queue struct {
	most int // pages per request, at most

	mu      sync.Mutex
	fresh   []*slot // first pages
	further []*slot // others, and those that are asked for again
	open    int     // pages that are not done, whether waiting or with a worker
	closed  bool    // no more courses come
	size    int     // pages per request at present
	good    int     // full requests that went well since the size last changed
	needed  int     // how many of them it takes to dare more
	changed chan struct{}
}

func newQueue(most int) *queue {
	return &queue{most: most, size: most, needed: 4, changed: make(chan struct{})}
}

// put adds the first page of a course.
func (q *queue) put(s *slot) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.fresh = append(q.fresh, s)
	q.open++
	q.wake()
}

// more adds further pages of a course.
func (q *queue) more(slots ...*slot) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.further = append(q.further, slots...)
	q.open += len(slots)
	q.wake()
}

// back gives pages back that are to be asked for again.
func (q *queue) back(slots ...*slot) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.further = append(q.further, slots...)
	q.wake()
}

// close says that no more courses come.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
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
		batch, ended, changed := q.batch(), q.closed && q.open == 0, q.changed
		q.mu.Unlock()
		if batch != nil || ended {
			return batch, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// batch takes pages from the end of both lists, no more than each of them allows. While courses still come it waits until there are
// enough for a full request.
func (q *queue) batch() []*slot {
	if !q.closed && len(q.fresh)+len(q.further) < q.size {
		return nil
	}
	var batch []*slot
	limit := q.size
	for _, list := range []*[]*slot{&q.further, &q.fresh} {
		for n := len(*list); n > 0; n-- {
			s := (*list)[n-1]
			if limit = min(limit, s.share); len(batch) >= limit {
				return batch
			}
			batch = append(batch, s)
			(*list)[n-1] = nil // or the list would hold the course's rows until the end
			*list = (*list)[:n-1]
		}
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
