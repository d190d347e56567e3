package rest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Whatever a server answers, its clock must be right: a wrong one ends the request at once.
func TestClock(t *testing.T) {
	for _, status := range []int{200, 401, 500} {
		date := time.Now().UTC().Add(-26 * time.Hour).Format(http.TimeFormat)
		s := &script{steps: []func(*http.Request) (*http.Response, error){answer(status, `{}`, "Date", date)}}
		c := client(t, s, func(o *Config) { o.Clock = clock.Own{Compared: true} })
		_, err := Do[struct{}](context.Background(), c, Request{Path: "v1/courses"}, nil)
		if fault.ClassOf(err) != fault.Config || !strings.Contains(err.Error(), c.Service+": GET /") || !strings.Contains(err.Error(), "1 d 2 h ahead") {
			t.Errorf("status %d: %v, class %v", status, err, fault.ClassOf(err))
		}
		if n := s.calls.Load(); n != 1 {
			t.Errorf("status %d: asked %d times", status, n)
		}
	}
	date := time.Now().UTC().Add(50 * time.Minute).Format(http.TimeFormat)
	s := &script{steps: []func(*http.Request) (*http.Response, error){answer(200, `{}`, "Date", date)}}
	c := client(t, s, func(o *Config) { o.Clock = clock.Own{Compared: true} })
	if _, err := Do[struct{}](context.Background(), c, Request{Path: "v1/courses"}, nil); err != nil {
		t.Error(err)
	}
}
