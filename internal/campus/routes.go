package campus

import (
	"net/http"
	"strings"
)

// routes puts everything on one handler. Double slashes mean the same as single ones, as
// the oldest clients of the gateway expect.
func (c *Campus) routes() http.Handler {
	mux := http.NewServeMux()
	c.controlRoutes(mux)
	mux.HandleFunc("/um/", c.serveGateway)
	for base, s := range c.services {
		mux.HandleFunc(base+"/", c.serveService(s))
	}
	mux.Handle("/", c.rest)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", c.clock().Format(http.TimeFormat))
		if c.undated.Load() {
			w.Header()["Date"] = nil // else net/http sets its own
		}
		for strings.Contains(r.URL.Path, "//") {
			r.URL.Path = strings.ReplaceAll(r.URL.Path, "//", "/")
			r.URL.RawPath = ""
		}
		mux.ServeHTTP(w, r)
	})
}

// canvasRoutes lists the endpoints of Canvas.
func (c *Campus) canvasRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, e := range []struct {
		pattern string
		answer  endpoint
	}{
		{"GET /api/v1/accounts/{account}", (*Campus).account},
		{"GET /api/v1/accounts/{account}/sub_accounts", (*Campus).subAccounts},
		{"GET /api/v1/accounts/{account}/terms", (*Campus).termList},
		{"GET /api/v1/accounts/{account}/terms/{term}", (*Campus).term},
		{"GET /api/v1/accounts/{account}/courses", (*Campus).courseList},
		{"GET /api/v1/courses/{course}", (*Campus).course},
		{"GET /api/v1/courses/{course}/sections", (*Campus).sectionList},
		{"GET /api/v1/courses/{course}/enrollments", (*Campus).enrollmentList},
		{"GET /api/v1/courses/{course}/analytics/activity", (*Campus).activity},
		{"GET /api/v1/courses/{course}/tabs", (*Campus).tabs},
		{"GET /api/v1/courses/{course}/external_tools/sessionless_launch", (*Campus).sessionlessLaunch},
		{"GET /courses/{course}", (*Campus).coursePage},
		{"GET /api/v1/audit/course/courses/{course}", (*Campus).audit},
		{"GET /api/v1/audit/course/accounts/{account}", (*Campus).accountAudit},
		{"POST /api/graphql", (*Campus).graphql},
	} {
		_, path, _ := strings.Cut(e.pattern, " ")
		mux.HandleFunc(e.pattern, c.serve(path, e.answer))
	}
	mux.HandleFunc("GET /courses/{course}/external_tools/{tool}", c.launchPage)
	mux.HandleFunc("/", c.serve("other", func(*Campus, *call) *reply { return notFound() }))
	return mux
}
