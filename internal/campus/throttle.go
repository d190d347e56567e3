package campus

import (
	"sync"
	"time"
)

// bucket is Canvas' leaky bucket of one token. A request reserves its up-front cost, is
// refused if the bucket is then at its high-water mark, and in the end gets the
// reservation back and pays what it really cost.
type bucket struct {
	limits    Limits
	neighbour func(time.Time) float64 // what others who use the token hold; nil: nobody

	mu      sync.Mutex
	count   float64
	touched time.Time
}

// reserve takes the up-front cost and says whether the request may go on. In both cases
// settle must follow.
func (b *bucket) reserve(now time.Time) bool {
	return b.add(b.limits.UpFront, now) < b.limits.HighWater
}

// settle gives the reservation back, adds the real cost and returns what remains until
// the high-water mark. It may be negative, and positive after a refusal.
func (b *bucket) settle(cost float64, now time.Time) (remaining float64) {
	return b.limits.HighWater - b.add(cost-b.limits.UpFront, now)
}

// add drains what has leaked since the last call, adds amount and returns the level.
func (b *bucket) add(amount float64, now time.Time) float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.touched.IsZero() {
		if leaked := b.limits.Outflow * now.Sub(b.touched).Seconds(); leaked > 0 {
			b.count = max(0, b.count-leaked)
		}
	}
	b.touched = now
	b.count = min(max(0, b.count+amount), b.limits.Maximum)
	if b.neighbour != nil {
		return min(b.count+b.neighbour(now), b.limits.Maximum)
	}
	return b.count
}

// busyNeighbour is another program that shares the token: for a second in every four it
// leaves room for three requests at a time, else for ten.
func busyNeighbour(l Limits, start time.Time) func(time.Time) float64 {
	return func(now time.Time) float64 {
		room := 10.5
		if now.Sub(start)%(4*time.Second) >= 3*time.Second {
			room = 3.5
		}
		return max(0, l.HighWater-room*l.UpFront)
	}
}
