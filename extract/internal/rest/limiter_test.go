package rest

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestLimit never lets out more than the maximum, and does not begin with it.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewPolite(3, nil)
		var mu sync.Mutex
		active, most := 0, 0
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := l.Acquire(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				active++
				most = max(most, active)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				active--
				mu.Unlock()
				l.Release(Feedback{Header: http.Header{}})
			})
		}
		began := time.Now()
		all.Wait()
		if took := time.Since(began); most != 3 || took != 8*time.Second { // 1, 2, 3, 3, …
			t.Errorf("%d at once, took %v", most, took)
		}
		if p := l.Pace(); p != (Pace{Limit: 3, Remaining: -1, Answered: 20}) {
			t.Errorf("%+v", p)
		}
	})
}

// TestWave treats refusals of requests that were under way together as one.
func TestWave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewPolite(8, nil)
		good := func(n int) {
			for range n {
				if err := l.Acquire(t.Context()); err != nil {
					t.Fatal(err)
				}
				l.Release(Feedback{Started: time.Now(), Header: http.Header{}})
			}
		}
		refuse := func(n int) {
			var started []time.Time
			for range n {
				if err := l.Acquire(t.Context()); err != nil {
					t.Fatal(err)
				}
				started = append(started, time.Now())
			}
			time.Sleep(10 * time.Millisecond)
			for _, s := range started {
				l.Release(Feedback{Started: s, Header: http.Header{}, Throttled: true})
			}
		}
		wait := func() time.Duration {
			began := time.Now()
			if err := l.Acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
			l.Release(Feedback{Started: time.Now()}) // no answer: says nothing about the limit
			return time.Since(began)
		}
		good(7)
		refuse(8)
		if w := wait(); w != time.Second {
			t.Errorf("first pause %v", w)
		}
		refuse(4)
		if w := wait(); w != 2*time.Second {
			t.Errorf("second pause %v", w)
		}
		if p := l.Pace(); p.Limit != 2 || p.Refused != 12 {
			t.Errorf("after two waves: %+v", p)
		}
		good(100)
		if p := l.(*polite); p.limit != 8 || p.refusals != 0 {
			t.Errorf("limit %d, %d refusals after good answers", p.limit, p.refusals)
		}
	})
}
