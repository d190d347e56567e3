// Package campustest starts a simulated university inside a test.
package campustest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// Server is a campus that listens on a free port of 127.0.0.1.
type Server struct {
	*campus.Campus
	campus.Info // as of the start; the date does not follow later moves

	mu sync.Mutex
	at int
	do func() // nil: nothing is to be done
}

// Start serves a campus until the test ends.
func Start(t testing.TB, o campus.Options) *Server {
	t.Helper()
	c, err := campus.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Pour(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &Server{Campus: c}
	handler := c.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.arrive()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.Info = c.Info(server.URL)
	return s
}

// At calls do once, as soon as a request arrives after n others since the start. No request is served meanwhile, so what
// do does happens at that request however busy the machine is.
func (s *Server) At(n int, do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.do = n, do
}

func (s *Server) arrive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.do != nil && s.Stats().Total() >= s.at {
		s.do()
		s.do = nil
	}
}
