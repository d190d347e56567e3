package bigquery

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options say what is stored, and how the service behaves.
type Options struct {
	Project string         // of the data and of the jobs; default udp-umich-prod
	Dataset string         // default event_store
	Events  func() []Event // everything that is stored by now; not changed by the server; required
	Now     func() time.Time

	Pending   int      // a job answers "not complete" so often before it is done
	PageRows  int      // rows of a page at most; default 10,000
	Denied    []string // datasets (name) or tables (dataset.name) that nobody may read
	Early     bool     // errors of a query answer jobs.insert itself instead of ending the job
	FailEvery int      // every n-th request answers 503 backendError; 0: none
	SlowEvery int      // every n-th request answers 403 rateLimitExceeded; 0: none
}

// location is where the dataset is.
const location = "US"

// Server is the simulated service. It may serve many requests at once.
type Server struct {
	o      Options
	tables map[string]*table
	mux    *http.ServeMux

	mu       sync.Mutex
	jobs     map[string]*job
	requests map[string]*job // by requestId
	made     int
	asked    int
}

// New makes a server.
func New(o Options) (*Server, error) {
	if o.Events == nil {
		return nil, fmt.Errorf("bigquery options: Events is required")
	}
	if o.Project == "" {
		o.Project = "udp-umich-prod"
	}
	if o.Dataset == "" {
		o.Dataset = "event_store"
	}
	if o.PageRows == 0 {
		o.PageRows = 10_000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, tables: tables(), jobs: map[string]*job{}, requests: map[string]*job{}, mux: http.NewServeMux()}
	for pattern, answer := range map[string]func(*http.Request) (any, error){
		"POST /projects/{project}/jobs":                             s.insertJob,
		"GET /projects/{project}/jobs/{job}":                        s.getJob,
		"POST /projects/{project}/jobs/{job}/cancel":                s.cancelJob,
		"POST /projects/{project}/queries":                          s.query,
		"GET /projects/{project}/queries/{job}":                     s.results,
		"GET /projects/{project}/datasets/{dataset}":                s.getDataset,
		"GET /projects/{project}/datasets/{dataset}/tables":         s.listTables,
		"GET /projects/{project}/datasets/{dataset}/tables/{table}": s.getTable,
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			out, err := answer(r)
			send(w, out, err)
		})
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		send(w, nil, missing("Path %s", r.URL.Path))
	})
	return s, nil
}

// ServeHTTP answers the paths of the API, with /bigquery/v2 in front or not.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked++
	n := s.asked
	s.mu.Unlock()
	switch {
	case s.o.FailEvery > 0 && n%s.o.FailEvery == 0:
		s.Fail(w, Backend)
		return
	case s.o.SlowEvery > 0 && n%s.o.SlowEvery == 0:
		s.Fail(w, RateLimited)
		return
	}
	http.StripPrefix("/bigquery/v2", s.mux).ServeHTTP(w, withPrefix(r))
}

// withPrefix lets the same routes serve clients that leave the prefix out.
func withPrefix(r *http.Request) *http.Request {
	if strings.HasPrefix(r.URL.Path, "/bigquery/v2/") {
		return r
	}
	r = r.Clone(r.Context())
	r.URL.Path, r.URL.RawPath = "/bigquery/v2"+r.URL.Path, ""
	return r
}

// send writes an answer or an error.
func send(w http.ResponseWriter, out any, err error) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if err != nil {
		var p *problem
		if !errors.As(err, &p) {
			p = &problem{400, "invalid", err.Error()}
		}
		w.WriteHeader(p.status)
		out = p.body()
	}
	_ = json.NewEncoder(w).Encode(out) // an error means that the client is gone
}

// project checks the project that pays.
func (s *Server) project(r *http.Request) error {
	if name := r.PathValue("project"); name != s.o.Project {
		return denied("Project %s: User does not have bigquery.jobs.create permission in project %s.", name, name)
	}
	return nil
}
