package rest

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Limiter decides when requests go out. Every Acquire that returns nil is followed by one Release.
type Limiter interface {
	// Acquire waits until a request may be sent, or until ctx ends.
	Acquire(ctx context.Context) error
	// Release tells how the request ended. After a throttled one, Acquire must hold back for a while.
	Release(f Feedback)
}

// Feedback is what a limiter may learn from.
type Feedback struct {
	Started    time.Time
	Header     http.Header   // nil if there was no answer
	Throttled  bool          // the source's rate limit refused the request
	RetryAfter time.Duration // what the source asked for, 0 if nothing
}

// Pauses after refusals.
const (
	firstPause = time.Second
	maxPause   = 30 * time.Second
)

// polite lets up to max requests out at once. It holds all of them back after a
// refusal, each time longer, then goes on with half as many. When an answer tells that there is no room for
// more, fewer go out. It dares one more after a row of good answers.
type polite struct {
	max  int
	room func(http.Header) (int, bool)

	mu       sync.Mutex
	active   int
	limit    int
	good     int       // answers since the limit last rose
	refusals int       // pauses without a good answer in between
	paused   time.Time // when the last pause began
	until    time.Time // when it ends
	changed  chan struct{}
}

// NewPolite returns a limiter of up to max requests at once. room, which may be nil, reads from an
// answer how many more requests the source would bear besides those under way.
func NewPolite(max int, room func(http.Header) (int, bool)) Limiter {
	if max < 1 {
		max = 1
	}
	return &polite{max: max, limit: max, room: room, changed: make(chan struct{})}
}

func (p *polite) Acquire(ctx context.Context) error {
	for {
		p.mu.Lock()
		wait, changed := time.Until(p.until), p.changed
		if wait <= 0 && p.active < p.limit && ctx.Err() == nil {
			p.active++
			p.mu.Unlock()
			return nil
		}
		p.mu.Unlock()
		if wait > 0 {
			changed = nil // nobody passes before the pause is over
		} else {
			wait = time.Hour // only a change matters
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		case <-changed:
			timer.Stop()
		}
	}
}

func (p *polite) Release(f Feedback) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active--
	close(p.changed)
	p.changed = make(chan struct{})
	if f.Throttled {
		p.pause(f)
		return
	}
	if f.Header == nil {
		return
	}
	p.refusals = 0
	if p.good++; p.good >= 2*p.limit {
		p.good = 0
		p.limit = min(p.max, p.limit+1)
	}
	if p.room != nil {
		if room, known := p.room(f.Header); known && room == 0 {
			p.limit, p.good = max(1, min(p.limit, p.active)), 0 // nobody takes this one's place
		}
	}
}

// pause starts a pause, unless the refused request went out before the last one began: a wave of
// refusals is one.
func (p *polite) pause(f Feedback) {
	now := time.Now()
	d := min(f.RetryAfter, maxPause)
	if !f.Started.Before(p.paused) {
		d = max(d, min(maxPause, firstPause<<min(p.refusals, 10)))
		p.refusals++
		p.paused, p.good = now, 0
		p.limit = max(1, p.limit/2)
	}
	if until := now.Add(d); until.After(p.until) {
		p.until = until
	}
}
