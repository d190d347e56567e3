package campus

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/zoom"
)

// zoomServer is Zoom as the campus serves it: with the same faults as Canvas.
type zoomServer struct {
	*zoom.Server
	mu      sync.Mutex
	courses map[string]string // by cookie, so that it is the course that decides what fails, not the session
}

func (c *Campus) newZoom() (*zoomServer, error) {
	s, err := zoom.New(zoom.Options{
		Key: zoomKey, Secret: zoomSecret, Prefix: zoomBase,
		Course: func(id int64) zoom.Course { return zoom.CourseOn(c.day.Load(), id) },
	})
	return &zoomServer{Server: s, courses: map[string]string{}}, err
}

// serveZoom answers for Zoom.
func (c *Campus) serveZoom(w http.ResponseWriter, r *http.Request) {
	defer c.stats.begin("zoom "+strings.TrimPrefix(r.URL.Path, zoomBase), "none")()
	for _, b := range c.opts.Breaks {
		if strings.HasPrefix(r.URL.Path, b.Prefix) {
			c.send(w, broken(b.Status))
			return
		}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client is gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	course := c.zoom.courseOf(r, body)
	fault, _ := c.faults.next(fmt.Sprintf("zoom %s %s %s %s %s", r.Method, r.URL.Path, course, r.URL.Query().Get("page"), c.Date()), false)
	if fault != none {
		c.stats.fault(string(fault))
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
	c.zoom.ServeHTTP(answer, r)
	c.zoom.remember(answer.Result().Cookies(), course)
	rep := &reply{status: answer.Code, header: http.Header{}, body: answer.Body.Bytes()}
	for name, values := range answer.Header() {
		rep.header[strings.ToLower(name)] = values
	}
	c.deliver(w, rep, fault)
}

// courseOf tells which course a request is about.
func (z *zoomServer) courseOf(r *http.Request, body []byte) string {
	if r.Method == http.MethodPost {
		form, _ := url.ParseQuery(string(body)) // what cannot be read is about no course
		return form.Get("custom_canvas_course_id")
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, cookie := range r.Cookies() {
		if course, ok := z.courses[cookie.Value]; ok {
			return course
		}
	}
	return ""
}

func (z *zoomServer) remember(cookies []*http.Cookie, course string) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, cookie := range cookies {
		if cookie.HttpOnly { // the session, which scripts cannot read
			z.courses[cookie.Value] = course
		}
	}
}
