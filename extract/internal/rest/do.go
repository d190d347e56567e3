package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// do sends a request until accept is content with the answer, an answer is final, or the attempts are used up.
func (c *Client) do(ctx context.Context, r Request, accept func(Answer) error) error {
	attempts := c.Attempts
	if r.Attempts > 0 {
		attempts = min(attempts, r.Attempts)
	}
	e := &exchange{c: c, r: r, accept: accept}
	wait := retry.WithMaxRetries(uint64(attempts-1), retry.BackoffFunc(e.wait))
	err := retry.Do(ctx, wait, e.try)
	if err == nil || ctx.Err() != nil || !e.passing {
		return err
	}
	class, hint := fault.Unavailable, fmt.Sprintf("%s did not answer properly %d times in a row: see whether it is up, then run the same command again; MAX_REQ_ATTEMPTS allows more tries", c.Service, e.attempt)
	var shape *ShapeError
	if errors.As(err, &shape) {
		class, hint = fault.Data, fmt.Sprintf("%s answers in a form that this program does not know: has its interface changed?", c.Service)
	}
	return fault.New(class, hint, err)
}

// exchange is one request with all its tries.
type exchange struct {
	c      *Client
	r      Request
	accept func(Answer) error

	attempt    int           // the present one, from 1
	sent       int           // tries sent, refusals by a rate limit included
	renewed    bool          // another credential has been asked for
	slowSince  time.Time     // first refusal by a rate limit
	retryAfter time.Duration // what the last answer asked for
	passing    bool          // the last error may pass
}

// wait returns the pause before the next try: doubled each time, a quarter more or less by chance, or as long
// as the source asked for.
func (e *exchange) wait() (time.Duration, bool) {
	d := min(e.c.MaxWait, e.c.FirstWait<<min(e.attempt-1, 20))
	d, _ = retry.WithJitterPercent(25, retry.BackoffFunc(func() (time.Duration, bool) { return d, false })).Next()
	return max(d, min(e.retryAfter, e.c.MaxWait)), false
}

// try is one attempt. Refusals by a rate limit do not end it: they are no failures.
func (e *exchange) try(ctx context.Context) error {
	e.attempt++
	e.passing = false
	for {
		answer, request, v, err := e.send(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return e.failed(err)
		}
		switch v.Action {
		case Accept:
			if err := e.accept(answer); err != nil {
				return e.again(fmt.Errorf("%s: %s %s: %w", e.c.Service, e.r.method(), request.URL.Path, err))
			}
			return nil
		case Slow:
			if e.slowSince.IsZero() {
				e.slowSince = time.Now()
			} else if slow := time.Since(e.slowSince); slow > e.c.Patience {
				return fault.New(fault.Temporary, "run the same command later; a lower NUM_ASYNC_WORKERS or fewer other users of the same token help",
					fmt.Errorf("rate limit refused the request for %s: %w", slow.Round(time.Second), e.status(answer, request)))
			}
		case Renew:
			if e.renewed || !e.c.Auth.Renew(request) {
				return fault.New(v.Class, v.Hint, e.status(answer, request))
			}
			e.renewed = true
		case Refuse:
			return fault.New(v.Class, v.Hint, e.status(answer, request))
		default:
			e.retryAfter = retryAfter(answer.Header)
			return e.again(e.status(answer, request))
		}
	}
}

// again marks an error as passing.
func (e *exchange) again(err error) error {
	e.passing = true
	e.c.Log.Debug("request failed", "service", e.c.Service, "attempt", e.attempt, "error", err)
	return retry.RetryableError(err)
}

// failed judges a try that brought no answer.
func (e *exchange) failed(err error) error {
	var redirect errRedirect
	var classified *fault.Error
	named := fmt.Errorf("%s: %s %s: %w", e.c.Service, e.r.method(), e.path(), cause(err))
	switch {
	case errors.As(err, &redirect):
		return fault.New(fault.Config, fmt.Sprintf("if that is the right server, set %s to it", e.c.BaseKey), named)
	case errors.As(err, &classified):
		return named
	default:
		return e.again(named)
	}
}

func (e *exchange) path() string {
	target, _, _ := strings.Cut(e.c.target(e.r), "?")
	_, target, _ = strings.Cut(target, "://")
	if i := strings.IndexByte(target, '/'); i >= 0 {
		return target[i:]
	}
	return "/"
}

func (e *exchange) status(a Answer, r *http.Request) error {
	_, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return &StatusError{
		Service: e.c.Service, Method: e.r.method(), Path: r.URL.Path,
		Status: a.Status, Attempts: e.attempt, Message: message(a.Body, secret),
	}
}

// send waits for the limiter, sends the request once and reads the whole answer.
func (e *exchange) send(ctx context.Context) (a Answer, r *http.Request, v Verdict, err error) {
	if err := e.c.Limiter.Acquire(ctx); err != nil {
		return a, nil, v, err
	}
	feedback := Feedback{Started: time.Now()}
	defer func() { e.c.Limiter.Release(feedback) }()
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
	resp, err := e.c.http.Do(r)
	if err != nil {
		return a, nil, v, err
	}
	defer resp.Body.Close()
	a = Answer{Status: resp.StatusCode, Header: resp.Header}
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, e.c.MaxBody+1))
	switch {
	case err != nil:
		return a, nil, v, fmt.Errorf("answer of status %d, cut after %d bytes: %w", a.Status, len(a.Body), err)
	case int64(len(a.Body)) > e.c.MaxBody:
		return a, nil, v, fault.New(fault.Unavailable, "such an answer is not to be expected: look at what the server sends",
			fmt.Errorf("answer of more than %d bytes", e.c.MaxBody))
	}
	feedback.Header = a.Header
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
