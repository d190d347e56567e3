package campus

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/zoom"
)

// loginPath is where the login of an LTI 1.3 tool begins.
const loginPath = "/lti/advantage/login"

// zoomServer is Zoom, with a memory of whose session is whose.
type zoomServer struct {
	*zoom.Server
	mu      sync.Mutex
	courses map[string]string // by cookie, so that it is the course that decides what fails, not the session
}

func (c *Campus) newZoom() (service, error) {
	s, err := zoom.New(zoom.Options{
		Key: zoomKey, Secret: zoomSecret, Prefix: zoomBase,
		Course: func(id int64) zoom.Course { return zoom.CourseOn(c.day.Load(), id) },
	})
	z := &zoomServer{Server: s, courses: map[string]string{}}
	return service{
		Handler: z,
		name:    func(r *http.Request) string { return "zoom " + strings.TrimPrefix(r.URL.Path, zoomBase) },
		identity: func(r *http.Request, body []byte) string {
			return fmt.Sprintf("zoom %s %s %s %s", r.Method, r.URL.Path, z.courseOf(r, body), r.URL.Query().Get("page"))
		},
	}, err
}

// ServeHTTP answers, and remembers which course a new session belongs to.
func (z *zoomServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == zoomBase+loginPath { // sends the browser back to Canvas, to prove who is there
		fields := url.Values{"scope": {"openid"}, "response_type": {"id_token"}, "login_hint": {r.FormValue("login_hint")}, "nonce": {"1"}}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, form("http://"+r.Host+"/api/lti/authorize_redirect", fields)) // an error means that the client is gone
		return
	}
	z.Server.ServeHTTP(w, r)
	answer := http.Response{Header: w.Header()}
	z.remember(answer.Cookies(), r.PostForm.Get("custom_canvas_course_id"))
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
