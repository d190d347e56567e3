package udp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// courier sends the requests of Google's client. It reads every answer whole and tries what may pass again, a bounded
// number of times. Its last error, a [gaveUp], is none that Google's client repeats on its own.
//
// All requests may be repeated: they read, or make a job under an id of our own.
type courier struct {
	base     http.RoundTripper
	tokens   oauth2.TokenSource // nil: none
	log      *slog.Logger
	attempts int           // tries per request
	deadline time.Duration // of one try
	first    time.Duration // pause before the second try, doubled for each one after
	longest  time.Duration // of the pauses
	agent    string
	patience time.Duration // how long rate limits may refuse one request
	clock    clock.Own
}

const maxAnswer = 256 << 20 // bytes; BigQuery's own limit for a page is far below

func newHTTP(tokens oauth2.TokenSource, attempts int, env extract.Env, t tuning) *http.Client {
	base := t.transport
	if base == nil {
		base = http.DefaultTransport.(*http.Transport).Clone()
	}
	c := &courier{
		base: base, tokens: tokens, log: env.Logger(), agent: "course-inventory/" + env.Version, attempts: max(1, attempts), deadline: cmp.Or(t.deadline, 4*time.Minute),
		first: cmp.Or(t.firstWait, 500*time.Millisecond), longest: cmp.Or(t.maxWait, 30*time.Second), patience: cmp.Or(t.patience, 15*time.Minute),
		clock: env.OwnClock(),
	}
	// A redirect is returned as it is: the token goes to no other place.
	return &http.Client{Transport: c, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// gaveUp is the end of a request whose tries are used up. It does not unwrap, because Google's client
// looks through an error for causes to try again; nor does its text name one.
type gaveUp struct {
	tries   int
	limited bool // by a rate limit
	cause   error
}

func (g *gaveUp) Error() string { return fmt.Sprintf("given up after %d tries", g.tries) }

// RoundTrip implements [http.RoundTripper].
func (c *courier) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close() // its bytes are read
	}
	count, failed := tally.Of(r.Context()), 0
	var limitedSince time.Time
	for tries := 1; ; tries++ {
		count.Request(tries > 1)
		answer, err := c.send(r, body)
		if ctxErr := r.Context().Err(); ctxErr != nil {
			return nil, ctxErr
		}
		limited := false
		if err == nil {
			if limited, err = passing(answer); err == nil {
				return answer, nil
			}
		}
		pause := c.first << min(max(tries, 1)-1, 20)
		if limited {
			count.Throttled()
			if limitedSince.IsZero() {
				limitedSince = time.Now()
			}
			if time.Since(limitedSince) > c.patience {
				return nil, &gaveUp{tries, true, err}
			}
		} else if failed++; failed >= c.attempts || isRefused(err) {
			return nil, &gaveUp{tries, false, err}
		}
		c.log.Debug("request failed", "service", "BigQuery", "attempt", tries, "error", err)
		timer := time.NewTimer(min(pause, c.longest))
		select {
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return nil, r.Context().Err()
		}
	}
}

// send sends a request once and reads the whole answer.
func (c *courier) send(r *http.Request, body []byte) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(r.Context(), c.deadline)
	defer cancel()
	r = r.Clone(ctx)
	if body != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	r.Header.Set("User-Agent", c.agent)
	asked := c.clock.Time()
	if c.tokens != nil {
		token, err := c.tokens.Token()
		if err != nil {
			return nil, c.noToken(err, asked)
		}
		token.SetAuthHeader(r)
	}
	answer, err := c.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err := c.clock.Answer(answer.Header, asked); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err == nil && len(text) > maxAnswer {
		err = fmt.Errorf("answer of more than %d bytes", maxAnswer)
	}
	if err != nil {
		return nil, fmt.Errorf("answer of status %d, cut after %d bytes: %w", answer.StatusCode, len(text), err)
	}
	text = bytes.TrimPrefix(text, rest.ByteOrderMark)
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return answer, nil
}

// noToken says why there is no token. A wrong clock is one reason: the key signs the time.
func (c *courier) noToken(err error, asked time.Time) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		if err := c.clock.Answer(refused.Response.Header, asked); err != nil {
			return err
		}
	}
	return &tokenError{err}
}

// tokenError is a failure to get a token for the service account.
type tokenError struct{ err error }

func (e *tokenError) Error() string {
	var refused *oauth2.RetrieveError
	if errors.As(e.err, &refused) {
		return fmt.Sprintf("token for the service account: status %d %s", refused.Response.StatusCode, rest.Clean(oauthCode(refused.Body), ""))
	}
	return "token for the service account: " + rest.Clean(e.err.Error(), "")
}

// isRefused tells whether trying again does not change anything.
func isRefused(err error) bool {
	var e *tokenError
	var classified *fault.Error
	return errors.As(err, &e) && e.refused() || errors.As(err, &classified)
}

// refused tells whether the server of tokens does not accept the key, which trying again does not change.
func (e *tokenError) refused() bool {
	var refused *oauth2.RetrieveError
	return errors.As(e.err, &refused) && refused.Response.StatusCode < 500 && refused.Response.StatusCode != http.StatusTooManyRequests
}

func oauthCode(body []byte) string {
	var doc struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return ""
	}
	return doc.Error + " " + doc.Description
}

var (
	rateLimits = []string{"rateLimitExceeded", "userRateLimitExceeded", "jobRateLimitExceeded"}
	repeated   = []string{"backendError", "internalError"} // which Google's client would repeat for ever
)

// passing returns what is wrong with an answer if it may pass, and whether a rate limit is the reason.
func passing(a *http.Response) (limited bool, err error) {
	if a.StatusCode < 400 {
		return false, nil
	}
	text, _ := io.ReadAll(a.Body) // from memory
	a.Body = io.NopCloser(bytes.NewReader(text))
	reason, message := problem(text)
	limited = a.StatusCode == http.StatusTooManyRequests || slices.Contains(rateLimits, reason)
	if !limited && a.StatusCode < 500 && a.StatusCode != http.StatusRequestTimeout && !slices.Contains(repeated, reason) {
		return false, nil
	}
	return limited, errors.New(strings.TrimSpace(fmt.Sprintf("status %d %s %s", a.StatusCode, cmp.Or(reason, http.StatusText(a.StatusCode)), message)))
}

// problem reads the error in an answer.
func problem(text []byte) (reason, message string) {
	var doc struct {
		Error struct {
			Message string
			Errors  []struct{ Reason string }
		}
	}
	if json.Unmarshal(text, &doc) != nil {
		return "", ""
	}
	if len(doc.Error.Errors) > 0 {
		reason = rest.Clean(doc.Error.Errors[0].Reason, "")
	}
	return reason, rest.Clean(doc.Error.Message, "")
}
