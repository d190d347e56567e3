package campus

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// step is one thing that happens to a bucket.
type step struct {
	after   float64 // seconds since the step before
	reserve int     // so many requests start at once
	settle  int     // so many of them end
	cost    float64 // of each that ends
}

func TestBucket(t *testing.T) {
	for _, tt := range []struct {
		name      string
		limits    Limits
		steps     []step
		refused   int
		remaining float64 // after the last settlement
	}{
		{"eleven at once pass", Limits{}, []step{{reserve: 11}, {settle: 11}}, 0, 600},
		{"the twelfth at once is refused", Limits{}, []step{{reserve: 12}, {settle: 12}}, 1, 600},
		{"all beyond the eleventh are refused", Limits{}, []step{{reserve: 15}, {settle: 15}}, 4, 600},
		{"thirteen pass at a mark of 700", Limits{HighWater: 700}, []step{{reserve: 14}, {settle: 14}}, 1, 700},
		{"the real cost stays", Limits{}, []step{{reserve: 1}, {settle: 1, cost: 3}}, 0, 597},
		{"ten units drain in a second", Limits{}, []step{{reserve: 10}, {settle: 10, cost: 3}, {after: 2, reserve: 1}, {settle: 1}}, 0, 590},
		{"it never drains below empty", Limits{}, []step{{reserve: 1}, {settle: 1, cost: 3}, {after: 60, reserve: 1}, {settle: 1}}, 0, 600},
		{"one at a time is never refused", Limits{}, []step{
			{reserve: 1}, {after: 1, settle: 1, cost: 1}, {reserve: 1}, {after: 1, settle: 1, cost: 1}, {reserve: 1}, {after: 1, settle: 1, cost: 1},
		}, 0, 600}, // what drains meanwhile is taken from the reservation
		{"remaining is negative beyond the mark", Limits{}, []step{{reserve: 11}, {settle: 11, cost: 60}}, 0, -60},
		{"nothing rises above the maximum", Limits{}, []step{{reserve: 20}, {settle: 1, cost: 400}}, 9, -200},
		{"somebody who paid much is refused", Limits{}, []step{{reserve: 1}, {settle: 1, cost: 560}, {reserve: 1}, {settle: 1}}, 1, 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &bucket{limits: tt.limits.withDefaults()}
			now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
			refused, remaining := 0, 0.0
			for _, s := range tt.steps {
				now = now.Add(time.Duration(s.after * float64(time.Second)))
				for range s.reserve {
					if !b.reserve(now) {
						refused++
					}
				}
				for range s.settle {
					remaining = b.settle(s.cost, now)
				}
			}
			if refused != tt.refused || remaining != tt.remaining {
				t.Errorf("%d refused, %v remaining; want %d and %v", refused, remaining, tt.refused, tt.remaining)
			}
		})
	}
}

func TestBusyNeighbour(t *testing.T) {
	start := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	limits := Limits{}.withDefaults()
	for _, tt := range []struct {
		at   time.Duration
		pass int
	}{{0, 10}, {2 * time.Second, 10}, {3500 * time.Millisecond, 3}, {4 * time.Second, 10}, {7 * time.Second, 3}} {
		b := &bucket{limits: limits, neighbour: busyNeighbour(limits, start)}
		pass := 0
		for range 12 {
			if b.reserve(start.Add(tt.at)) {
				pass++
			}
		}
		if pass != tt.pass {
			t.Errorf("after %v: %d of 12 at once pass, want %d", tt.at, pass, tt.pass)
		}
	}
}

func TestRefusal(t *testing.T) {
	for _, status := range []int{403, 429} {
		// With a mark of 50 the reservation alone fills the bucket.
		c, err := New(Options{Courses: 5, Limits: Limits{HighWater: 50, Status: status}})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/api/v1/accounts/1", nil)
		r.Header.Set("Authorization", "Bearer "+c.tokens[0].value)
		c.Handler().ServeHTTP(w, r)
		h := w.Header()
		if w.Code != status || w.Body.String() != strconv.Itoa(status)+" Forbidden (Rate Limit Exceeded)\n" ||
			h["content-type"][0] != "text/plain; charset=utf-8" {
			t.Errorf("%d %v %q", w.Code, h["content-type"], w.Body)
		}
		// The reservation is given back before the header is written, and nothing was paid.
		if h["x-rate-limit-remaining"][0] != "50" || h["x-request-cost"] != nil || h["Retry-After"] != nil {
			t.Errorf("headers %v", h)
		}
		if s := c.Stats(); s.Refusals != 1 || s.Tokens["canvas"].Refusals != 1 {
			t.Errorf("statistics %+v", s)
		}
	}
}

// A token in a JSON body is honoured, but has no bucket and no headers of one.
func TestTokenInBodyHasNoBucket(t *testing.T) {
	c, err := New(Options{Courses: 5, Limits: Limits{HighWater: 50}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/api/graphql", jsonBody(map[string]any{
		"query": `{course(id:1){_id}}`, "access_token": c.tokens[0].value,
	}))
	c.Handler().ServeHTTP(w, r)
	if w.Code != 200 || w.Body.String() != `{"data":{"course":null}}` || w.Header()["x-rate-limit-remaining"] != nil {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
}
