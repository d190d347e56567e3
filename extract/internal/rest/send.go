package rest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// send waits for the limiter, sends the request once and reads the whole answer.
func (e *exchange) send(ctx context.Context) (a Answer, r *http.Request, v Verdict, err error) {
	if err := e.c.Limiter.Acquire(ctx); err != nil {
		return a, nil, v, err
	}
	feedback := Feedback{Started: time.Now()}
	defer func() { e.c.Limiter.Release(feedback) }()
	ctx, release := lingering(ctx)
	defer release()
	ctx, cancel := context.WithTimeout(ctx, e.c.Deadline)
	defer cancel()
	body, kind := e.r.Body, "application/json"
	if e.r.Form != nil {
		body, kind = []byte(e.r.Form.Encode()), "application/x-www-form-urlencoded"
	}
	r, err = http.NewRequestWithContext(ctx, e.r.method(), e.c.target(e.r), bytes.NewReader(body))
	if err != nil {
		return a, nil, v, fault.New(fault.Defect, "", cause(err))
	}
	for name, values := range e.c.Header {
		r.Header[name] = values
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	for name, values := range e.r.Header {
		r.Header[name] = values
	}
	if e.c.Auth != nil {
		if err := e.c.Auth.Authorize(ctx, r); err != nil {
			return a, nil, v, err
		}
	}
	count := tally.Of(ctx)
	count.Request(e.sent > 0)
	e.sent++
	asked := e.c.Clock.Time()
	resp, err := e.c.http.Do(r)
	if err != nil {
		return a, nil, v, err
	}
	defer resp.Body.Close()
	if err := e.c.Clock.Answer(resp.Header, asked); err != nil {
		return a, nil, v, err
	}
	a = Answer{Status: resp.StatusCode, Header: resp.Header, URL: r.URL}
	if last := resp.Request; last != nil {
		a.URL, a.Forwarded = last.URL, last.URL.String() != r.URL.String()
	}
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, e.c.MaxBody+1))
	switch {
	case err != nil:
		return a, nil, v, fmt.Errorf("answer of status %d, cut after %d bytes: %w", a.Status, len(a.Body), err)
	case int64(len(a.Body)) > e.c.MaxBody:
		return a, nil, v, fault.New(fault.Unavailable, "such an answer is not to be expected: look at what the server sends",
			fmt.Errorf("answer of more than %d bytes", e.c.MaxBody))
	}
	a.Body = bytes.TrimPrefix(a.Body, ByteOrderMark)
	feedback.Header = a.Header
	if a.Status == http.StatusProxyAuthRequired { // to a request in plain HTTP, which the proxy passes on itself
		return a, nil, v, &ProxyError{"of this machine", a.Status}
	}
	if v = e.c.Classify(a); v.Action == Slow {
		feedback.Throttled, feedback.RetryAfter = true, retryAfter(a.Header)
		count.Throttled()
	}
	return a, r, v, nil
}

// retryAfter returns the pause that an answer asks for, in seconds or until a moment; 0 if it asks for none.
func retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	if s, err := time.ParseDuration(text + "s"); err == nil {
		return max(0, s)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
