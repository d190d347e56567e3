// Package campustest starts a simulated university inside a test.
package campustest

import (
	"net/http/httptest"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// Server is a campus that listens on a free port of 127.0.0.1.
type Server struct {
	*campus.Campus
	campus.Info // as of the start; the date does not follow later moves
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
	s := httptest.NewServer(c.Handler())
	t.Cleanup(s.Close)
	return &Server{Campus: c, Info: c.Info(s.URL)}
}
