package rest

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestLimit never lets out more than the maximum.
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
		if took := time.Since(began); most != 3 || took != 7*time.Second {
			t.Errorf("%d at once, took %v", most, took)
		}
	})
}

// TestWave treats refusals of requests that were under way together as one.
func TestWave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewPolite(8, nil)
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
		refuse(8)
		if w := wait(); w != time.Second {
			t.Errorf("first pause %v", w)
		}
		refuse(4)
		if w := wait(); w != 2*time.Second {
			t.Errorf("second pause %v", w)
		}
		if p := l.(*polite); p.limit != 2 {
			t.Errorf("limit %d after two waves", p.limit)
		}
		for range 100 {
			if err := l.Acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
			l.Release(Feedback{Started: time.Now(), Header: http.Header{}})
		}
		if p := l.(*polite); p.limit != 8 || p.refusals != 0 {
			t.Errorf("limit %d, %d refusals after good answers", p.limit, p.refusals)
		}
	})
}

// TestRoom lets fewer out when the source says that it can bear no more.
func TestRoom(t *testing.T) {
	room := func(h http.Header) (int, bool) {
		n, err := strconv.Atoi(h.Get("Room"))
		return n, err == nil
	}
	for _, test := range []struct {
		room string
		want int
	}{{"100", 8}, {"1", 8}, {"0", 3}, {"", 8}} {
		p := NewPolite(8, room).(*polite)
		p.active = 4 // three others
		p.Release(Feedback{Header: http.Header{"Room": {test.room}}})
		if p.limit != test.want {
			t.Errorf("room %q: limit %d, want %d", test.room, p.limit, test.want)
		}
	}
}
