package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// script answers requests without a network, one function after the other; the last one stays.
type script struct {
	steps []func(*http.Request) (*http.Response, error)
	calls atomic.Int64
	times []time.Time
	urls  []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	n := int(s.calls.Add(1)) - 1
	s.times = append(s.times, time.Now())
	s.urls = append(s.urls, r.URL.String())
	response, err := s.steps[min(n, len(s.steps)-1)](r)
	if response != nil {
		response.Request = r
	}
	return response, err
}

func answer(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i+1 < len(header); i += 2 {
			h.Add(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
	}
}

// cut is an answer whose body ends in an error.
func cut(*http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(`[1,2`), errorReader{})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(body)}, nil
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func broken(*http.Request) (*http.Response, error) { return nil, errors.New("connection reset") }

// hang waits for the deadline of the try.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func classify(a Answer) Verdict {
	switch {
	case a.Status == 200:
		return Verdict{}
	case a.Status == 429:
		return Verdict{Action: Slow}
	case a.Status == 401:
		return Verdict{Action: Renew, Class: fault.Permission, Hint: "check the token"}
	case a.Status >= 500:
		return Verdict{Action: Again}
	default:
		return Verdict{Action: Refuse, Class: fault.Unavailable, Hint: "no such thing"}
	}
}

func client(t *testing.T, s *script, change func(*Config)) *Client {
	t.Helper()
	c := Config{
		Service: "Test", Base: "https://test.example/api", BaseKey: "TEST_URL", Auth: Bearer("s3cret-token"), Classify: classify,
		Limiter: NewPolite(4, nil), Tuning: Tuning{Transport: s},
	}
	if change != nil {
		change(&c)
	}
	out, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var good = answer(200, `[1,2,3]`)

// TestAttempts counts tries and the time they take, on a fake clock.
func TestAttempts(t *testing.T) {
	notFound := answer(404, `{"errors":[{"message":"The specified resource does not exist."}]}`)
	for name, test := range map[string]struct {
		steps    []func(*http.Request) (*http.Response, error)
		calls    int64
		from, to time.Duration // bounds of the time taken
		class    fault.Class
		text     string
		requests lake.Requests
	}{
		"first time":       {steps: steps(good), calls: 1, requests: lake.Requests{Total: 1}},
		"server error":     {steps: steps(answer(502, "<html>"), good), calls: 2, from: 375 * time.Millisecond, to: 625 * time.Millisecond, requests: lake.Requests{Total: 2, Retried: 1}},
		"twice":            {steps: steps(broken, answer(500, ""), good), calls: 3, from: 1125 * time.Millisecond, to: 1875 * time.Millisecond, requests: lake.Requests{Total: 3, Retried: 2}},
		"torn body":        {steps: steps(cut, good), calls: 2, from: 375 * time.Millisecond, to: 625 * time.Millisecond, requests: lake.Requests{Total: 2, Retried: 1}},
		"torn JSON":        {steps: steps(answer(200, `[1,2`), good), calls: 2, from: 375 * time.Millisecond, to: 625 * time.Millisecond, requests: lake.Requests{Total: 2, Retried: 1}},
		"HTML with 200":    {steps: steps(answer(200, `<!DOCTYPE html>`), good), calls: 2, from: 375 * time.Millisecond, to: 625 * time.Millisecond, requests: lake.Requests{Total: 2, Retried: 1}},
		"wrong shape once": {steps: steps(answer(200, `{"errors":[]}`), good), calls: 2, from: 375 * time.Millisecond, to: 625 * time.Millisecond, requests: lake.Requests{Total: 2, Retried: 1}},
		"hanging":          {steps: steps(hang, good), calls: 2, from: 120*time.Second + 375*time.Millisecond, to: 120*time.Second + 625*time.Millisecond, requests: lake.Requests{Total: 2, Retried: 1}},
		"Retry-After":      {steps: steps(answer(503, "", "Retry-After", "7"), good), calls: 2, from: 7 * time.Second, to: 7 * time.Second, requests: lake.Requests{Total: 2, Retried: 1}},
		"Retry-After long": {steps: steps(answer(503, "", "Retry-After", "86400"), good), calls: 2, from: 30 * time.Second, to: 30 * time.Second, requests: lake.Requests{Total: 2, Retried: 1}},
		"always down": {steps: steps(answer(503, `{"message":"maintenance"}`)), calls: 3, from: 1125 * time.Millisecond, to: 1875 * time.Millisecond,
			class: fault.Unavailable, text: "Test: GET /api/things: status 503 Service Unavailable after 3 attempts: maintenance", requests: lake.Requests{Total: 3, Retried: 2}},
		"always another shape": {steps: steps(answer(200, `{"id":1}`)), calls: 3, from: 1125 * time.Millisecond, to: 1875 * time.Millisecond,
			class: fault.Data, text: "Test: GET /api/things: answer: object instead of array", requests: lake.Requests{Total: 3, Retried: 2}},
		"null": {steps: steps(answer(200, `null`)), calls: 3, from: 1125 * time.Millisecond, to: 1875 * time.Millisecond,
			class: fault.Data, text: "Test: GET /api/things: answer: null instead of a value", requests: lake.Requests{Total: 3, Retried: 2}},
		"not found": {steps: steps(notFound), calls: 1, class: fault.Unavailable,
			text: "Test: GET /api/things: status 404 Not Found: The specified resource does not exist.", requests: lake.Requests{Total: 1}},
		"wrong token": {steps: steps(answer(401, `{"errors":[{"message":"Invalid s3cret-token."}]}`)), calls: 1, class: fault.Permission,
			text: "Test: GET /api/things: status 401 Unauthorized: Invalid ***.", requests: lake.Requests{Total: 1}},
		"throttled": {steps: steps(answer(429, ""), answer(429, ""), answer(429, ""), answer(429, ""), good), calls: 5, from: 15 * time.Second, to: 15 * time.Second,
			requests: lake.Requests{Total: 5, Retried: 4, Throttled: 4}},
		"throttled, told when": {steps: steps(answer(429, "", "Retry-After", "12"), good), calls: 2, from: 12 * time.Second, to: 12 * time.Second,
			requests: lake.Requests{Total: 2, Retried: 1, Throttled: 1}},
		"redirected away": {steps: steps(answer(302, "", "Location", "https://evil.example/")), calls: 1, class: fault.Config,
			text: "Test: GET /api/things: redirect to https://evil.example refused", requests: lake.Requests{Total: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: test.steps}
				var log bytes.Buffer
				c := client(t, s, func(c *Config) {
					c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
				var book tally.Book
				ctx := tally.With(t.Context(), &book, "thing")
				began := time.Now()
				got, err := Do[[]int](ctx, c, Request{Path: "things", Query: url.Values{"secret": {"query"}}}, nil)
				if took := time.Since(began); took < test.from || took > test.to {
					t.Errorf("took %v, want %v to %v", took, test.from, test.to)
				}
				if n := s.calls.Load(); n != test.calls {
					t.Errorf("%d requests, want %d", n, test.calls)
				}
				if diff := cmp.Diff(test.requests, book.Requests()); diff != "" {
					t.Errorf("tally (-want +got):\n%s", diff)
				}
				if class := fault.ClassOf(err); class != test.class {
					t.Errorf("%v: class %v, want %v", err, class, test.class)
				}
				if err == nil {
					if diff := cmp.Diff([]int{1, 2, 3}, got); diff != "" {
						t.Error(diff)
					}
				} else if err.Error() != test.text {
					t.Errorf("error %q, want %q", err, test.text)
				}
				for _, text := range []string{fmt.Sprintf("%+v %s", err, fault.HintOf(err)), log.String()} {
					if strings.Contains(text, "s3cret") || strings.Contains(text, "secret=query") {
						t.Errorf("a secret shows in %q", text)
					}
				}
			})
		})
	}
}

func steps(s ...func(*http.Request) (*http.Response, error)) []func(*http.Request) (*http.Response, error) {
	return s
}

// TestThrottledForEver ends when the patience does, and says that it is temporary.
func TestThrottledForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: steps(answer(429, "429 Forbidden (Rate Limit Exceeded)"))}
		began := time.Now()
		_, err := Do[[]int](t.Context(), client(t, s, nil), Request{Path: "things"}, nil)
		if fault.ClassOf(err) != fault.Temporary || !strings.Contains(fault.HintOf(err), "NUM_ASYNC_WORKERS") {
			t.Errorf("%v, class %v", err, fault.ClassOf(err))
		}
		if took := time.Since(began); took < 15*time.Minute || took > 16*time.Minute {
			t.Errorf("gave up after %v", took)
		}
		if n := s.calls.Load(); n > 40 {
			t.Errorf("%d requests while the source refuses them", n)
		}
	})
}

// TestCancel ends every wait at once.
func TestCancel(t *testing.T) {
	for name, step := range map[string]func(*http.Request) (*http.Response, error){
		"back-off": broken, "pause": answer(429, "", "Retry-After", "30"), "answer": hang,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				began := time.Now()
				_, err := Do[[]int](ctx, client(t, &script{steps: steps(step)}, func(c *Config) { c.FirstWait = 10 * time.Second }), Request{Path: "things"}, nil)
				if took := time.Since(began); err == nil || took != 100*time.Millisecond {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

type renewable struct{ tokens atomic.Int64 }

func (r *renewable) Authorize(_ context.Context, q *http.Request) error {
	q.Header.Set("Authorization", fmt.Sprintf("Bearer token-%d", r.tokens.Load()))
	return nil
}

func (r *renewable) Renew(*http.Request) bool { r.tokens.Add(1); return true }

func TestRenewOnce(t *testing.T) {
	byToken := func(accepted string) func(*http.Request) (*http.Response, error) {
		return func(r *http.Request) (*http.Response, error) {
			if r.Header.Get("Authorization") == "Bearer "+accepted {
				return good(r)
			}
			return answer(401, "{}")(r)
		}
	}
	for accepted, class := range map[string]fault.Class{"token-0": fault.OK, "token-1": fault.OK, "token-2": fault.Permission} {
		s := &script{steps: steps(byToken(accepted))}
		_, err := Do[[]int](t.Context(), client(t, s, func(c *Config) { c.Auth = &renewable{} }), Request{Path: "things"}, nil)
		if fault.ClassOf(err) != class {
			t.Errorf("%s: %v", accepted, err)
		}
	}
}

// things is a listing of numbers.
func things(query url.Values) Listing[[]int] {
	return Listing[[]int]{Request: Request{Path: "things", Query: query}, Keys: func(page *[]int) (keys []string) {
		for _, n := range *page {
			keys = append(keys, strconv.Itoa(n))
		}
		return keys
	}}
}

func TestPages(t *testing.T) {
	page := func(body, next string) func(*http.Request) (*http.Response, error) {
		return answer(200, body, "Link", fmt.Sprintf(`<https://test.example/api/things?page=1>; rel="current",<%s>; rel="next"`, next))
	}
	last := func(body string) func(*http.Request) (*http.Response, error) {
		return answer(200, body, "Link", `<https://test.example/api/things?page=1>; rel="first"`)
	}
	sized := func(body string, next, size int) func(*http.Request) (*http.Response, error) {
		return page(body, fmt.Sprintf("https://test.example/api/things?page=%d&per_page=%d", next, size))
	}
	var endless []func(*http.Request) (*http.Response, error)
	for i := range 20 {
		endless = append(endless, sized(`[]`, i+2, 1))
	}
	for name, test := range map[string]struct {
		steps     []func(*http.Request) (*http.Response, error)
		queryOnly bool
		want      []int
		urls      []string
		class     fault.Class
		hint      string
	}{
		"two": {steps: steps(page(`[1]`, "https://test.example/api/v2/things?page=b%3Ax&per_page=1"), last(`[2]`)), want: []int{1, 2},
			urls: []string{"https://test.example/api/things?per_page=1", "https://test.example/api/v2/things?page=b%3Ax&per_page=1"}},
		"relative": {steps: steps(page(`[1]`, "/api/things?page=2"), last(`[]`)), want: []int{1},
			urls: []string{"https://test.example/api/things?per_page=1", "https://test.example/api/things?page=2"}},
		"gateway": {queryOnly: true, steps: steps(page(`[1]`, "https://canvas.example/api/v1/things?page=2"), last(`[2]`)), want: []int{1, 2},
			urls: []string{"https://test.example/api/things?per_page=1", "https://test.example/api/things?page=2"}},
		"retried page":      {steps: steps(page(`[1]`, "https://test.example/api/things?page=2"), broken, last(`[2]`)), want: []int{1, 2}},
		"torn Link":         {steps: steps(answer(200, `[1]`, "Link", `<https://test.example/api/things?pa`), last(`[7]`)), want: []int{7}},
		"another host":      {steps: steps(page(`[1]`, "https://evil.example/api/things?page=2")), class: fault.Config, hint: "TEST_URL"},
		"another scheme":    {steps: steps(page(`[1]`, "http://test.example/api/things?page=2")), class: fault.Config, hint: "TEST_URL"},
		"no links":          {steps: steps(answer(200, `[1]`)), class: fault.Unavailable, hint: "pass the header Link on"},
		"empty Link":        {steps: steps(answer(200, `[1]`, "Link", "")), class: fault.Unavailable, hint: "pass the header Link on"},
		"no links once":     {steps: steps(answer(200, `[1]`), last(`[1]`)), want: []int{1}},
		"no links on 2nd":   {steps: steps(sized(`[1]`, 2, 1), answer(200, `[2]`)), want: []int{1}, class: fault.Unavailable, hint: "pass the header Link on"},
		"next is missing":   {steps: steps(answer(200, `[1]`, "Link", `<https://test.example/api/things?page=1>; rel="current",<https://test.example/api/things?page=3>; rel="last"`)), class: fault.Unavailable, hint: "paging"},
		"same, no current":  {steps: steps(sized(`[1]`, 2, 1), answer(200, `[2]`, "Link", `<https://test.example/api/things?page=3>; rel="last"`)), want: []int{1}, class: fault.Unavailable, hint: "paging"},
		"last is this":      {steps: steps(sized(`[1]`, 2, 1), answer(200, `[2]`, "Link", `<https://test.example/api/things?page=2>; rel="last"`)), want: []int{1, 2}},
		"last is the first": {steps: steps(answer(200, `[1]`, "Link", `<https://test.example/api/things?page=first>; rel="current",<https://test.example/api/things?page=1>; rel="last"`)), want: []int{1}},
		"repeats for ever":  {steps: steps(sized(`[1]`, 2, 1), sized(`[1]`, 3, 1)), want: []int{1}, class: fault.Unavailable, hint: "paging"},
		"repeats once":      {steps: steps(sized(`[1]`, 2, 1), sized(`[1]`, 3, 1), last(`[2]`)), want: []int{1, 2}},
		"repeats some":      {steps: steps(sized(`[1,2]`, 2, 2), sized(`[2,3]`, 3, 2), last(`[3,4]`)), want: []int{1, 2, 2, 3, 3, 4}},
		"a row is missing":  {steps: steps(sized(`[1]`, 2, 2), last(`[3]`)), want: []int{1}, class: fault.Unavailable, hint: "paging"},
		"shorter than 1st":  {steps: steps(page(`[1,2]`, "/api/things?page=2"), page(`[3]`, "/api/things?page=3"), last(`[4]`)), want: []int{1, 2, 3}, class: fault.Unavailable, hint: "paging"},
		"an empty one more": {steps: steps(sized(`[1]`, 2, 2), last(`[]`)), want: []int{1}},
		"empty for ever":    {steps: endless, class: fault.Unavailable, hint: "paging"},
		"circle of one":     {steps: steps(page(`[1]`, "https://test.example/api/things?page=2")), want: []int{1}, class: fault.Unavailable, hint: "paging"},
		"broken 2nd page":   {steps: steps(page(`[1]`, "https://test.example/api/things?page=2"), answer(500, "")), want: []int{1}, class: fault.Unavailable, hint: "MAX_REQ_ATTEMPTS"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: test.steps}
				c := client(t, s, func(c *Config) { c.QueryOnlyLinks = test.queryOnly })
				var got []int
				var err error
				for page, e := range Pages(t.Context(), c, things(url.Values{"per_page": {"1"}})) {
					got, err = append(got, page.Value...), e
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("rows (-want +got):\n%s", diff)
				}
				if fault.ClassOf(err) != test.class || !strings.Contains(fault.HintOf(err), test.hint) {
					t.Errorf("%v, class %v, hint %q", err, fault.ClassOf(err), fault.HintOf(err))
				}
				if test.urls != nil {
					if diff := cmp.Diff(test.urls, s.urls); diff != "" {
						t.Errorf("requests (-want +got):\n%s", diff)
					}
				}
			})
		})
	}
}

func TestBodyTooLong(t *testing.T) {
	s := &script{steps: steps(answer(200, `[`+strings.Repeat(" ", 100)+`]`))}
	_, err := Do[[]int](t.Context(), client(t, s, func(c *Config) { c.MaxBody = 100 }), Request{Path: "things"}, nil)
	if fault.ClassOf(err) != fault.Unavailable || s.calls.Load() != 1 {
		t.Errorf("%v after %d requests", err, s.calls.Load())
	}
}

func TestBadBase(t *testing.T) {
	for _, base := range []string{"", "test.example", "ftp://test.example", "https://user:pw@test.example", "https://test.example/?x=1", "://"} {
		_, err := New(Config{Base: base, BaseKey: "TEST_URL"})
		if fault.ClassOf(err) != fault.Config || !strings.Contains(fault.HintOf(err), "TEST_URL") || strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: %v, hint %q", base, err, fault.HintOf(err))
		}
	}
}
