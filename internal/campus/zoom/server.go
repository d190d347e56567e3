package zoom

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Meeting is a meeting of a course.
type Meeting struct {
	ID       string // Base64: may hold / + and =
	Number   int64
	HostID   string
	Topic    string
	Start    time.Time
	TimeZone string // of the host, as a name of the time zone database
	Status   int
}

// Failure says how the pages of a course fail.
type Failure string

// The failures that were seen, and some that may be.
const (
	NoFailure  Failure = ""
	NoScid     Failure = "no scid"     // the page lacks the scid
	NoToken    Failure = "no token"    // the page lacks the X-XSRF-TOKEN
	Refused    Failure = "refused"     // lists answer status:false
	RefusedEnd Failure = "refused end" // lists answer status:false from page 2 on
	NoResult   Failure = "no result"   // lists answer without a result
	LoginPage  Failure = "login page"  // lists answer with a page of HTML
	Outage     Failure = "outage"      // lists answer 502
)

// Course is what Zoom knows of a course.
type Course struct {
	Meetings []Meeting // that are over
	Coming   []Meeting
	Failure  Failure
}

// Options say whose meetings are served.
type Options struct {
	Key, Secret string                // of the consumer, with which Canvas signs launches; required
	Course      func(id int64) Course // required; the zero Course for one without meetings
	Prefix      string                // of all paths, such as /zoom
	Now         func() time.Time      // by which launches expire; default time.Now
	PageSize    int                   // default 10
}

// Server is the simulated tool. It may serve many requests at once.
type Server struct {
	o        Options
	mux      *http.ServeMux
	mu       sync.Mutex
	launches int
	sessions map[string]*session // by cookie
}

// session is what a launch opens.
type session struct{ scid, token, course string }

const (
	cookieName = "zm_lti_session"
	tokenName  = "X-XSRF-TOKEN"
)

// New makes a server.
func New(o Options) (*Server, error) {
	if o.Key == "" || o.Secret == "" || o.Course == nil {
		return nil, fmt.Errorf("zoom options: Key, Secret and Course are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.PageSize == 0 {
		o.PageSize = 10
	}
	s := &Server{o: o, mux: http.NewServeMux(), sessions: map[string]*session{}}
	s.mux.HandleFunc("POST "+o.Prefix+"/lti/rich", s.launch)
	for _, list := range []string{"history", "previous", "upComing"} {
		s.mux.HandleFunc("GET "+o.Prefix+"/api/v1/lti/rich/meeting/"+list+"/COURSE/all", s.list(list == "upComing"))
	}
	return s, nil
}

// ServeHTTP answers launches and lists.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Reset forgets sessions.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.sessions)
}

// launch opens a session and answers with the page.
func (s *Server) launch(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if wrong := s.check(scheme+r.Host+r.URL.Path, r.PostForm); wrong != "" {
		_ = errorPage.Execute(w, wrong) // an error means that the client is gone
		return
	}
	course := r.PostForm.Get("custom_canvas_course_id")
	s.mu.Lock()
	s.launches++
	n := strconv.Itoa(s.launches)
	made := &session{course: course, scid: s.derive("scid", n), token: s.derive("token", n)[:36]}
	cookie := s.derive("cookie", n)
	s.sessions[cookie] = made
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: cookie, Path: s.o.Prefix + "/", HttpOnly: true})
	http.SetCookie(w, &http.Cookie{Name: "zm_locale", Value: "en-US", Path: s.o.Prefix + "/"})
	id, _ := strconv.ParseInt(course, 10, 64) // other text is no course, so without meetings
	failure := s.o.Course(id).Failure
	_ = page.Execute(w, map[string]any{
		"Scid": made.scid, "Token": made.token, "TokenName": tokenName, "Key": s.o.Key,
		"WithScid": failure != NoScid, "WithToken": failure != NoToken,
	})
}

// derive makes 64 hexadecimal digits that only the server could.
func (s *Server) derive(what, from string) string {
	mac := hmac.New(sha256.New, []byte(s.o.Secret))
	mac.Write([]byte(what + "\x00" + from))
	return hex.EncodeToString(mac.Sum(nil))
}
