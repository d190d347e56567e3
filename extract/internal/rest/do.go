package rest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sethvargo/go-retry"

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
	class, hint, _ := c.judge(err, e.attempt)
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
			e.r.observe(ctx, answer.Body)
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
			status := e.status(answer, request)
			status.Single = v.Single
			if status.Later && v.Class != fault.Permission {
				v.Class, v.Hint = fault.Unavailable, "run the same command again: the pages before it came, so address and ids are right; if it stays, the server's paging is broken"
			}
			return fault.New(v.Class, v.Hint, status)
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
	named := fmt.Errorf("%s: %s %s: %w", e.c.Service, e.r.method(), e.path(), cause(err))
	if class, hint, final := e.c.judge(err, e.attempt); final {
		return fault.New(class, hint, named)
	}
	return e.again(named)
}

func (e *exchange) path() string {
	target, _, _ := strings.Cut(e.c.target(e.r), "?")
	_, target, _ = strings.Cut(target, "://")
	if i := strings.IndexByte(target, '/'); i >= 0 {
		return target[i:]
	}
	return "/"
}

func (e *exchange) status(a Answer, r *http.Request) *StatusError {
	_, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return &StatusError{
		Service: e.c.Service, Method: e.r.method(), Path: r.URL.Path,
		Status: a.Status, Attempts: e.attempt, Message: message(a.Body, secret), HTML: a.HTML(), Later: e.r.link != nil,
	}
}
