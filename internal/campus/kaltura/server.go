package kaltura

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say whose media are served, and how unkindly.
type Options struct {
	PartnerID int            // default 1038472
	Secret    string         // of the administrator; required
	Entries   func() []Entry // all entries as they are now, whatever their status; not changed by the server; required
	Now       func() time.Time

	MaxExpiry   time.Duration // no session lives longer; 0: as long as asked for
	ExpireAfter int           // a session is refused as expired after so many calls; 0: only by time
	BlockEvery  int           // every n-th call after session.start meets the rate limit; 0: none
	PlainBlock  bool          // the rate limit answers in the plain text of the cached path
	FailEvery   int           // every n-th call after session.start gets an empty body; 0: none
	TextNumbers bool          // numbers in JSON answers come as text
	MaxMatches  int           // lists end here; default 10,000
}

// Server is the simulated API. It may serve many requests at once.
type Server struct {
	o        Options
	mu       sync.Mutex
	sessions map[string]*session
	started  int // sessions
	calls    int // after session.start
	requests int
}

// New makes a server.
func New(o Options) (*Server, error) {
	if o.Secret == "" || o.Entries == nil {
		return nil, fmt.Errorf("kaltura options: Secret and Entries are required")
	}
	if o.PartnerID == 0 {
		o.PartnerID = 1038472
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxMatches == 0 {
		o.MaxMatches = 10_000
	}
	return &Server{o: o, sessions: map[string]*session{}}, nil
}

// failure is an error of the API. It travels with HTTP 200.
type failure struct {
	code, message string
	args          object
}

func fail(code, message string, args ...field) *failure { return &failure{code, message, args} }

func (f *failure) object() object {
	args := []object{}
	for _, a := range f.args {
		args = append(args, object{{"name", a.name}, {"value", a.value}, {"objectType", "KalturaApiExceptionArg"}})
	}
	return object{{"code", f.code}, {"message", f.message}, {"objectType", "KalturaAPIException"}, {"args", args}}
}

// ServeHTTP answers everything under /api_v3.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, err := readParams(r)
	if err != nil {
		return // the client is gone
	}
	s.mu.Lock()
	s.requests++
	n := s.requests
	s.mu.Unlock()
	w.Header().Set("X-Me", "campus")
	w.Header().Set("X-Kaltura-Session", fmt.Sprint(1_000_000+n))
	result, f := s.call(w, p)
	if result == nil && f == nil {
		return // already answered
	}
	s.answer(w, p, result, f)
}

// call runs one action.
func (s *Server) call(w http.ResponseWriter, p params) (any, *failure) {
	service, action := strings.ToLower(p.text("service")), strings.ToLower(p.text("action"))
	switch service + "." + action {
	case "session.start":
		return s.start(p)
	case "system.ping":
		return true, nil
	case "media.list", "media.count":
	case ".":
		return nil, fail("SERVICE_NOT_SPECIFIED", "Service name was not specified, please specify one")
	default:
		return nil, fail("SERVICE_DOES_NOT_EXISTS", "Service ["+service+"] and action ["+action+"] do not exist", field{"SERVICE", service})
	}
	if f := s.check(p); f != nil {
		return nil, f
	}
	s.mu.Lock()
	s.calls++
	n := s.calls
	s.mu.Unlock()
	switch {
	case s.o.FailEvery > 0 && n%s.o.FailEvery == 0:
		s.fail(w, p, Empty)
		return nil, nil
	case s.o.BlockEvery > 0 && n%s.o.BlockEvery == 0 && s.o.PlainBlock:
		s.fail(w, p, BlockedText)
		return nil, nil
	case s.o.BlockEvery > 0 && n%s.o.BlockEvery == 0:
		s.fail(w, p, Blocked)
		return nil, nil
	}
	if action == "count" {
		return s.count(p)
	}
	return s.list(p)
}

// answer sends a result in the form that the call asked for.
func (s *Server) answer(w http.ResponseWriter, p params, result any, f *failure) {
	if f != nil {
		result = f.object()
	}
	switch p.text("format") {
	case "1":
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(appendJSON(nil, result, s.o.TextNumbers))
	case "9":
		w.Header().Set("Content-Type", "application/javascript")
		body := appendJSON([]byte(p.text("callback")+"("), result, s.o.TextNumbers)
		_, _ = w.Write(append(body, ");"...))
	default:
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		_, _ = w.Write(document(result, f != nil))
	}
}
