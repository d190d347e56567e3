package campus

import (
	"maps"
	"sync"
	"time"
)

// Stats is what the servers have seen since they started or were reset.
type Stats struct {
	Requests    map[string]int        `json:"requests"` // by endpoint, refused ones included
	Statuses    map[int]int           `json:"statuses"` // as sent; a torn connection counts as 0
	Refusals    int                   `json:"refusals"` // by the rate limit, injected ones not included
	Faults      map[string]int        `json:"faults"`   // injected, by kind
	MaxInFlight int                   `json:"max_in_flight"`
	Tokens      map[string]TokenStats `json:"tokens"`
	Service     float64               `json:"service_seconds"` // that the requests took together, at speed 1
	Cost        float64               `json:"cost"`            // of all requests, in the units of the rate limit
}

// TokenStats is the part of one token, by the token's name.
type TokenStats struct {
	Requests    int `json:"requests"`
	Refusals    int `json:"refusals"`
	MaxInFlight int `json:"max_in_flight"`

	inFlight int
}

// Total returns the number of requests.
func (s Stats) Total() int {
	n := 0
	for _, k := range s.Requests {
		n += k
	}
	return n
}

type stats struct {
	mu       sync.Mutex
	s        Stats
	inFlight int
}

func newStats() *stats {
	s := &stats{}
	s.s = emptyStats()
	return s
}

func emptyStats() Stats {
	return Stats{Requests: map[string]int{}, Statuses: map[int]int{}, Faults: map[string]int{}, Tokens: map[string]TokenStats{}}
}

// begin counts a request in; the function it returns counts it out.
func (s *stats) begin(endpoint, token string) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.Requests[endpoint]++
	s.inFlight++
	s.s.MaxInFlight = max(s.s.MaxInFlight, s.inFlight)
	t := s.s.Tokens[token]
	t.Requests++
	t.inFlight++
	t.MaxInFlight = max(t.MaxInFlight, t.inFlight)
	s.s.Tokens[token] = t
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inFlight--
		t := s.s.Tokens[token]
		t.inFlight--
		s.s.Tokens[token] = t
	}
}

func (s *stats) spent(service time.Duration, cost float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.Service += service.Seconds()
	s.s.Cost += cost
}

func (s *stats) refusal(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.Refusals++
	t := s.s.Tokens[token]
	t.Refusals++
	s.s.Tokens[token] = t
}

func (s *stats) fault(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.Faults[kind]++
}

func (s *stats) status(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.s.Statuses[code]++
}

// reset forgets everything but the requests that are still running.
func (s *stats) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.s.Tokens
	s.s = emptyStats()
	for name, t := range old {
		if t.inFlight > 0 {
			s.s.Tokens[name] = TokenStats{inFlight: t.inFlight}
		}
	}
}

// Stats returns a copy of the statistics.
func (c *Campus) Stats() Stats {
	c.stats.mu.Lock()
	defer c.stats.mu.Unlock()
	s := c.stats.s
	s.Requests, s.Statuses, s.Faults, s.Tokens = maps.Clone(s.Requests), maps.Clone(s.Statuses), maps.Clone(s.Faults), maps.Clone(s.Tokens)
	return s
}
