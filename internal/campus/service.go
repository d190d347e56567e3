package campus

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// service is a server beside Canvas, as the campus serves it: with the faults of the profile.
type service struct {
	http.Handler
	name     func(*http.Request) string                // of the endpoint, for statistics
	identity func(r *http.Request, body []byte) string // tells requests apart; which of them fail depends on it

	often uint64 // so many times as many requests fail as of Canvas; 0: as many
	own   []kind // what goes wrong with this service only, if the campus is hostile; see [faults.next]
	// fail answers with a fault in the service's own words. It returns false where it has none.
	fail func(w http.ResponseWriter, r *http.Request, k kind) bool
}

// serveService returns what answers for a service.
func (c *Campus) serveService(s service) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer c.stats.begin(s.name(r), "none")()
		for _, b := range c.opts.Breaks {
			if strings.HasPrefix(r.URL.Path, b.Prefix) {
				c.send(w, broken(b.Status))
				return
			}
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
		if err != nil {
			return // the client is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		fault, _ := c.faults.next(s.identity(r, body)+"\n"+c.Date().String(), max(1, s.often), s.own)
		if fault != none {
			c.stats.fault(string(fault))
			answer := httptest.NewRecorder()
			if s.fail != nil && s.fail(answer, r, fault) {
				c.send(w, recorded(answer))
				return
			}
			if rep := fault.replacement(); rep != nil {
				c.deliver(w, rep, fault)
				return
			}
		}
		service := c.serviceTime(r, nil, &reply{})
		if fault == faultStall {
			service += c.opts.Stall
		}
		pause(r.Context(), service)
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, r)
		c.deliver(w, recorded(answer), fault)
	}
}

func recorded(answer *httptest.ResponseRecorder) *reply {
	rep := &reply{status: answer.Code, header: http.Header{}, body: answer.Body.Bytes()}
	for name, values := range answer.Header() {
		rep.header[strings.ToLower(name)] = values
	}
	return rep
}
