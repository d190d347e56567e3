package rest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Limiter decides when requests go out. Every Acquire that returns nil is followed by one Release.
type Limiter interface {
	// Acquire waits until a request may be sent, or until ctx ends.
	Acquire(ctx context.Context) error
	// Release tells how the request ended. After a throttled one, Acquire must hold back for a while.
	Release(f Feedback)
	// Pace tells how things stand.
	Pace() Pace
}

// Feedback is what a limiter may learn from.
type Feedback struct {
	Started    time.Time
	Header     http.Header   // nil if there was no answer
	Throttled  bool          // the source's rate limit refused the request
	RetryAfter time.Duration // what the source asked for, 0 if nothing
}

// Pace is a limiter's state, for people to look at.
type Pace struct {
	InFlight, Limit int        // requests under way, and how many may be
	Remaining       float64    // what the source said last is left of its quota; -1 if it does not tell
	Answered        int64      // requests that ended with an answer
	Refused         int64      // of them, those that the source's rate limit refused
	Quota           lake.Quota // so far; AtOnce is 0 if the source does not tell
}

// Add returns the sum of two limiters of one source. What remains is that of the one that has less, the quota that of which less was left.
func (p Pace) Add(o Pace) Pace {
	switch {
	case p.Remaining < 0:
		p.Remaining = o.Remaining
	case o.Remaining >= 0:
		p.Remaining = min(p.Remaining, o.Remaining)
	}
	if p.Quota.AtOnce == 0 || o.Quota.AtOnce > 0 && o.Quota.Least < p.Quota.Least {
		p.Quota = o.Quota
	}
	p.InFlight, p.Limit = p.InFlight+o.InFlight, p.Limit+o.Limit
	p.Answered, p.Refused = p.Answered+o.Answered, p.Refused+o.Refused
	return p
}

// Bucket says how to read the state of a leaky bucket, from which a source takes a fixed share
// for each request while it runs.
type Bucket struct {
	Reserve   float64                           // the share of a request
	Remaining func(http.Header) (float64, bool) // what is left now, the shares of all requests under way taken off
}

// Pauses after refusals.
const (
	firstPause = time.Second
	maxPause   = 30 * time.Second
)

// polite keeps as many requests under way as the source bears, up to max. It begins with one and dares one more with
// every answer, until it meets a limit; from then on it dares one more only after a row of answers.
//
// Where the source tells what is left of its bucket, that sets the limit: the requests under way and as many as
// still fit. See [polite.fit] for how it gets along with other users of the bucket.
//
// After a refusal everything waits, each time longer, and goes on with half.
type polite struct {
	max    int
	bucket *Bucket

	mu       sync.Mutex
	active   int
	limit    int
	daring   bool          // no limit has been met yet
	room     int           // when the first answer came
	good     int           // answers since the limit last rose or fell
	halved   time.Time     // when the limit last was halved
	least    int           // the least room that these answers told of
	refusals int           // pauses without a good answer in between
	first    time.Duration // the first pause
	paused   time.Time     // when the last pause began
	until    time.Time     // when it ends
	pace     Pace
	changed  chan struct{}
}

// NewPolite returns a limiter of up to max requests at once. bucket is nil where the source tells nothing.
func NewPolite(max int, bucket *Bucket) Limiter {
	if max < 1 {
		max = 1
	}
	return &polite{max: max, limit: 1, first: firstPause, daring: true, bucket: bucket, pace: Pace{Remaining: -1}, changed: make(chan struct{})}
}

func (p *polite) Pace() Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	pace := p.pace
	pace.InFlight, pace.Limit = p.active, p.limit
	return pace
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
	if f.Header == nil && !f.Throttled {
		return
	}
	p.pace.Answered++
	fits, known := p.fits(f.Header)
	if f.Throttled {
		p.pace.Refused++
		p.pause(f)
		return
	}
	p.refusals = 0
	p.good++
	if known {
		p.fit(f, fits)
		return
	}
	if p.limit < p.max && (p.daring || p.good >= 2*p.limit) {
		p.rise()
	}
}
