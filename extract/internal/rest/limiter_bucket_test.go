package rest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// leaky is a source with a bucket as Canvas has it, in the time of a synctest bubble.
type leaky struct {
	mark    float64       // requests are refused at this level
	travel  time.Duration // of a request or an answer
	service time.Duration // on average
	cost    float64       // of a request, besides what it reserves while it runs

	mu      sync.Mutex
	level   float64
	touched time.Time
	sent    int
	refused int
	active  int
	most    int
}

func (l *leaky) add(amount float64) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.touched.IsZero() {
		l.level -= 10 * now.Sub(l.touched).Seconds()
	}
	l.touched = now
	l.level = max(0, max(0, l.level)+amount)
	return l.level
}

// request sends one request through a limiter.
func (l *leaky) request(ctx context.Context, lim Limiter, random *rand.Rand) {
	if lim.Acquire(ctx) != nil {
		return
	}
	f := Feedback{Started: time.Now()}
	f.Throttled, f.Header = l.serve(random)
	lim.Release(f)
}

func (l *leaky) serve(random *rand.Rand) (throttled bool, h http.Header) {
	l.mu.Lock()
	service := time.Duration((0.7 + 0.6*random.Float64()) * float64(l.service))
	l.sent++
	l.active++
	l.most = max(l.most, l.active)
	l.mu.Unlock()
	time.Sleep(l.travel)
	throttled = l.add(50) >= l.mark
	cost := 0.0
	if !throttled {
		time.Sleep(service)
		cost = l.cost
	}
	left := l.mark - l.add(cost-50)
	time.Sleep(l.travel)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.active--
	if throttled {
		l.refused++
	}
	return throttled, http.Header{"Left": {strconv.FormatFloat(left, 'f', -1, 64)}}
}

var leftHeader = &Bucket{Reserve: 50, Remaining: func(h http.Header) (float64, bool) {
	left, err := strconv.ParseFloat(h.Get("Left"), 64)
	return left, err == nil
}}

// busy sends requests of n workers through a limiter until ctx ends, and returns how many were done.
func (l *leaky) busy(ctx context.Context, lim Limiter, n int, seed uint64) (done int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	for range n {
		all.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				own := rand.New(rand.NewPCG(random.Uint64(), 0))
				mu.Unlock()
				l.request(ctx, lim, own)
				mu.Lock()
				done++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return done
}

// TestEdgeOfBucket keeps a bucket full without a refusal: as many requests under way as fit, or as the outflow pays for.
func TestEdgeOfBucket(t *testing.T) {
	const span = time.Minute
	for name, test := range map[string]struct {
		leaky *leaky
		max   int
		fits  int // requests at once that an empty bucket bears
	}{
		"mark 600":          {&leaky{mark: 600, service: 350 * time.Millisecond, cost: 0.2}, 64, 11},
		"mark 700":          {&leaky{mark: 700, service: 350 * time.Millisecond, cost: 0.2}, 64, 13},
		"upper bound":       {&leaky{mark: 600, service: 350 * time.Millisecond, cost: 0.2}, 8, 11},
		"long way":          {&leaky{mark: 600, service: 300 * time.Millisecond, travel: 25 * time.Millisecond, cost: 0.2}, 64, 11},
		"one worker":        {&leaky{mark: 600, service: 350 * time.Millisecond, cost: 0.2}, 1, 11},
		"dear requests":     {&leaky{mark: 600, service: 350 * time.Millisecond, cost: 1}, 64, 11},
		"very dear request": {&leaky{mark: 600, service: 2 * time.Second, cost: 20}, 64, 11},
		"small bucket":      {&leaky{mark: 300, service: 350 * time.Millisecond, cost: 0.2}, 64, 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), span)
				defer cancel()
				l := test.leaky
				done := l.busy(ctx, NewPolite(test.max, leftHeader), 64, 1)
				// In the long run more fit, and only the costs bound how many: what is reserved drains too.
				rate := min(float64(min(test.max, test.fits))/(l.service+2*l.travel).Seconds(), 10/l.cost)
				share := float64(done) / span.Seconds() / rate
				t.Logf("%d requests, %.2f of what the bucket bears, %d refused, at most %d at once", done, share, l.refused, l.most)
				if share < 0.95 || l.most > test.max {
					t.Errorf("%.2f of the possible rate, %d at once", share, l.most)
				}
				if l.refused*200 >= done {
					t.Errorf("%d of %d refused", l.refused, done)
				}
			})
		})
	}
}

// TestSharedBucket lets limiters that know nothing of each other come to fair shares, also those that come late.
func TestSharedBucket(t *testing.T) {
	for _, n := range []int{2, 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				l := &leaky{mark: 600, service: 350 * time.Millisecond, travel: 5 * time.Millisecond, cost: 0.2}
				done := make([]int, n)
				var all sync.WaitGroup
				for i := range n {
					all.Go(func() {
						time.Sleep(time.Duration(i) * 10 * time.Second)
						done[i] = l.busy(ctx, NewPolite(32, leftHeader), 32, uint64(i))
					})
				}
				all.Wait()
				sum, least := 0, done[0]
				for _, d := range done {
					sum, least = sum+d, min(least, d)
				}
				t.Logf("%v requests, %d refused, at most %d at once, %.0f%% of what the bucket bears", done, l.refused, l.most, float64(sum)/120*0.36/11*100)
				if least*2*n < sum {
					t.Errorf("unfair shares: %v", done)
				}
				if l.refused*200 >= sum {
					t.Errorf("%d of %d refused", l.refused, sum)
				}
				if float64(sum) < 0.8*120*11/0.36 {
					t.Errorf("only %d requests", sum)
				}
			})
		})
	}
}

// TestNeighbour gives way to somebody who does not give way, and recovers afterwards.
func TestNeighbour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		l := &leaky{mark: 600, service: 350 * time.Millisecond, cost: 0.2}
		lim := NewPolite(32, leftHeader)
		var own sync.WaitGroup
		own.Go(func() { l.busy(ctx, lim, 32, 1) })
		time.Sleep(time.Minute)
		l.add(450) // all at once
		time.Sleep(3 * time.Second)
		if p := lim.Pace(); p.Limit > 6 {
			t.Errorf("with most of the bucket taken: %+v", p)
		}
		time.Sleep(time.Minute) // it has drained
		if p := lim.Pace(); p.Limit < 10 || p.Refused*200 > p.Answered {
			t.Errorf("after it: %+v", p)
		}
		own.Wait()
	})
}

// TestAcquireEnds with its context, also in a pause.
func TestAcquireEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewPolite(1, leftHeader)
		if err := l.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
		l.Release(Feedback{Started: time.Now(), Throttled: true, RetryAfter: 20 * time.Second})
		why := errors.New("enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, why)
		defer cancel()
		began := time.Now()
		if err := l.Acquire(ctx); !errors.Is(err, why) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

// TestQuota asks a source through two limiters, one of which a bucket tells of.
func TestQuota(t *testing.T) {
	bucket := &Bucket{Reserve: 50, Remaining: func(h http.Header) (float64, bool) {
		remaining, err := strconv.ParseFloat(h.Get("left"), 64)
		return remaining, err == nil
	}}
	l, other := NewPolite(8, bucket), NewPolite(8, nil)
	ask := func(answers ...string) {
		for range answers {
			if err := l.Acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, left := range answers {
			l.Release(Feedback{Header: http.Header{"Left": {left}}})
		}
	}
	ask("599.5")
	ask("450", "-20.5")
	ask("580") // what went beyond the limit made it one at a time
	ask("")
	want := lake.Quota{Least: -20.5, Most: 599.5, AtOnce: 2}
	for _, p := range []Pace{l.Pace(), l.Pace().Add(other.Pace()), other.Pace().Add(l.Pace())} {
		if p.Quota != want {
			t.Errorf("%+v, want %+v", p.Quota, want)
		}
	}
	if p := other.Pace(); p.Quota.AtOnce != 0 {
		t.Errorf("a quota that nobody told: %+v", p.Quota)
	}
}
