package campus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func jsonBody(v any) io.Reader {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return bytes.NewReader(b)
}

// The third attempt of every request is good, and the same seed fails the same requests.
func TestFaultsAreBoundedAndReproducible(t *testing.T) {
	for _, tt := range []struct {
		profile  Profile
		low, top int // of 2000 requests
	}{{Clean, 0, 0}, {Throttled, 0, 0}, {Flaky, 60, 140}, {Hostile, 240, 360}} {
		a, b := newFaults(Options{Seed: 5, Profile: tt.profile}), newFaults(Options{Seed: 5, Profile: tt.profile})
		failed, twice := 0, 0
		for n := range 2000 {
			request := fmt.Sprint("GET /", n)
			var kinds, own []kind
			if n%2 == 0 {
				own = graphqlKinds
			}
			for range 4 {
				k, _ := a.next(request, 1, own)
				if l, _ := b.next(request, 1, own); l != k {
					t.Fatalf("%s: %q in one run, %q in another", request, k, l)
				}
				kinds = append(kinds, k)
			}
			if kinds[2] != none || kinds[3] != none || kinds[0] == none && kinds[1] != none {
				t.Fatalf("%s fails like %q", request, kinds)
			}
			if kinds[0] != none {
				failed++
			}
			if kinds[1] != none {
				twice++
			}
		}
		if failed < tt.low || failed > tt.top || tt.top > 0 && twice == 0 {
			t.Errorf("%s: %d of 2000 fail, %d twice; want %d to %d", tt.profile, failed, twice, tt.low, tt.top)
		}
	}
}

// A failure that the gateway caused is one of the two that a request may meet.
func TestForgivenFailuresCount(t *testing.T) {
	for n := range 2000 {
		request := fmt.Sprint("GET /", n)
		f := newFaults(Options{Seed: 5, Profile: Hostile})
		f.forgive(request)
		failures := 1
		for range 3 {
			if k, _ := f.next(request, 1, nil); k != none {
				failures++
			}
		}
		if failures > 2 {
			t.Fatalf("%s fails %d times", request, failures)
		}
	}
}

// outcome is what a client sees of a request.
type outcome struct {
	status  int
	header  http.Header
	body    string
	err     error // before the header
	bodyErr error
}

func (o outcome) String() string {
	return fmt.Sprintf("%d %v %v %.200q", o.status, o.err, o.bodyErr, o.body)
}

// everyFault sends many different requests and collects, by the kind of fault that the
// server says it injected, what the client saw of it.
func everyFault(t *testing.T, profile Profile, send func(url, token string, n int) *http.Request, requests int) map[kind]outcome {
	t.Helper()
	c, err := New(Options{Seed: 1, Courses: 50, Profile: profile, Stall: time.Millisecond, Date: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(c.Handler())
	defer s.Close()
	// Without kept connections: net/http repeats requests silently on those.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	seen := map[kind]outcome{}
	before := c.Stats()
	for n := range requests {
		var o outcome
		resp, err := client.Do(send(s.URL, c.tokens[0].value, n))
		if o.err = err; err == nil {
			var body []byte
			body, o.bodyErr = io.ReadAll(resp.Body)
			resp.Body.Close()
			o.status, o.header, o.body = resp.StatusCode, resp.Header, string(body)
		}
		after := c.Stats()
		for k, count := range after.Faults {
			if count > before.Faults[k] {
				seen[kind(k)] = o
			}
		}
		before = after
	}
	return seen
}

func TestEachFault(t *testing.T) {
	seen := everyFault(t, Hostile, func(url, token string, n int) *http.Request {
		r, _ := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/api/v1/accounts/1?n=%d", url, n), nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}, 900)
	limited := func(o outcome) bool {
		return strings.Contains(o.body, "Rate Limit Exceeded") && o.header.Get("X-Request-Cost") == "" && o.header.Get("X-Rate-Limit-Remaining") != ""
	}
	for k, right := range map[kind]func(outcome) bool{
		faultJSON500:   func(o outcome) bool { return o.status == 500 && json.Valid([]byte(o.body)) },
		faultHTML502:   func(o outcome) bool { return o.status == 502 && strings.HasPrefix(o.body, "<html>") },
		fault503:       func(o outcome) bool { return o.status == 503 },
		faultReset:     func(o outcome) bool { return o.err != nil },
		faultTruncated: func(o outcome) bool { return o.status == 200 && o.bodyErr == nil && !json.Valid([]byte(o.body)) },
		faultCut:       func(o outcome) bool { return o.status == 200 && o.bodyErr != nil && len(o.body) > 0 },
		faultLimit403:  func(o outcome) bool { return o.status == 403 && limited(o) },
		faultLimit429:  func(o outcome) bool { return o.status == 429 && limited(o) },
		faultHTML200:   func(o outcome) bool { return o.status == 200 && strings.HasPrefix(o.body, "<!DOCTYPE") },
		faultStall:     func(o outcome) bool { return o.status == 200 && json.Valid([]byte(o.body)) },
	} {
		o, met := seen[k]
		if !met || !right(o) {
			t.Errorf("%s: met %v: %v", k, met, o)
		}
	}
}

func TestEachGraphQLFault(t *testing.T) {
	seen := everyFault(t, Hostile, func(url, token string, n int) *http.Request {
		// Courses 100006 and 100017 exist for this seed.
		query := fmt.Sprintf(`{a:course(id:100006){_id %[1]s} b:course(id:100017){_id %[1]s}} # %[2]d`,
			`enrollmentsConnection{nodes{_id section{_id}} pageInfo{hasNextPage}}`, n)
		r, _ := http.NewRequest(http.MethodPost, url+"/api/graphql", jsonBody(map[string]any{"query": query}))
		r.Header.Set("Authorization", "Bearer "+token)
		return r
	}, 400)
	type course struct {
		List *struct {
			Nodes []struct{ Section *struct{} }
		} `json:"enrollmentsConnection"`
	}
	type answer struct {
		Data   map[string]*course
		Errors []struct {
			Message string
			Path    []any
		}
	}
	whole := func(c *course) bool {
		return c != nil && c.List != nil && !slices.ContainsFunc(c.List.Nodes, func(n struct{ Section *struct{} }) bool { return n.Section == nil })
	}
	for k, right := range map[kind]func(answer) bool{
		faultPartial: func(a answer) bool {
			return len(a.Errors) == 1 && len(a.Errors[0].Path) >= 2 && whole(a.Data["a"]) != whole(a.Data["b"])
		},
		faultTimeout: func(a answer) bool {
			return len(a.Errors) == 1 && a.Data == nil && a.Errors[0].Message == "operation timed out"
		},
		faultNull: func(a answer) bool {
			return len(a.Errors) == 0 && len(a.Data) == 2 && (a.Data["a"] == nil) != (a.Data["b"] == nil)
		},
		faultNoList: func(a answer) bool {
			return len(a.Errors) == 0 && a.Data["a"] != nil && a.Data["b"] != nil && (a.Data["a"].List == nil) != (a.Data["b"].List == nil)
		},
	} {
		o, met := seen[k]
		var a answer
		if err := json.Unmarshal([]byte(o.body), &a); err != nil || !met || o.status != 200 || !right(a) {
			t.Errorf("%s: met %v: %v", k, met, o)
		}
	}
}

func TestPermanentFaults(t *testing.T) {
	c, err := New(Options{
		Seed: 1, Date: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), RevokeAfter: 4, NullCourses: []int64{100006},
		Breaks: []Break{{"/api/v1/courses/100006/analytics", 500}},
	})
	if err != nil {
		t.Fatal(err)
	}
	send := func(method, path string, body io.Reader) (int, string) {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(method, path, body)
		r.Header.Set("Authorization", "Bearer "+c.tokens[0].value)
		c.Handler().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for range 2 {
		if code, _ := send("GET", "/api/v1/courses/100006/analytics/activity", nil); code != 500 {
			t.Errorf("broken path answers %d", code)
		}
	}
	if code, _ := send("GET", "/api/v1/courses/100017/analytics/activity", nil); code != 200 {
		t.Errorf("another course answers %d", code)
	}
	if code, body := send("POST", "/api/graphql", jsonBody(map[string]any{"query": `{course(id:"100006"){_id}}`})); body != `{"data":{"course":null}}` {
		t.Errorf("null course: %d %s", code, body)
	}
	if code, body := send("GET", "/api/v1/accounts/1", nil); code != 401 || !strings.Contains(body, "Invalid access token.") {
		t.Errorf("revoked token: %d %s", code, body)
	}
	if _, err := ParseBreak("/api=7"); err == nil {
		t.Error("a status of 7 is accepted")
	}
	if b, err := ParseBreak("/api/x=503"); err != nil || b != (Break{"/api/x", 503}) {
		t.Errorf("%v, %v", b, err)
	}
}
