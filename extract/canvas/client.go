package canvas

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// client is one run's view of Canvas.
type client struct {
	canvas  config.Canvas
	workers int // requests under way at once, per credential
	now     func() time.Time

	direct  *rest.Client // below CANVAS_URL/api
	lists   *rest.Client // terms, accounts and courses: the gateway, or direct
	listsAt string       // path of Canvas' REST interface below lists
	listing *listing
	dates   shared[[]Term]
	missing missing
}

const restPath = "v1/"

func newClient(cfg *config.Config, env extract.Env, t rest.Tuning) (*client, error) {
	c := &client{canvas: cfg.Canvas, workers: max(1, cfg.NumAsyncWorkers), now: env.Clock(), listsAt: restPath}
	c.dates.fetch = c.fetchTerms
	c.missing.allowed = cfg.Quality.MaxMissingCourses
	base := RESTConfig(cfg, env)
	base.Tuning = t
	var err error
	if c.direct, err = rest.New(base); err != nil {
		return nil, err
	}
	c.lists = c.direct
	if cfg.Canvas.UsesGateway() {
		c.listsAt = ""
		if c.lists, err = newGateway(base, cfg.Canvas, c.workers); err != nil {
			return nil, err
		}
	}
	c.listing = c.newListing()
	return c, nil
}

// RESTConfig says how to ask Canvas itself below CANVAS_URL/api, for other sources that begin there.
func RESTConfig(cfg *config.Config, env extract.Env) rest.Config {
	return rest.Config{
		Service: "Canvas", Base: cfg.Canvas.URL + "/api", BaseKey: "CANVAS.CANVAS_URL",
		Auth: rest.Bearer(cfg.Canvas.Token.Reveal()), Classify: classify, Limiter: rest.NewPolite(max(1, cfg.NumAsyncWorkers), bucket),
		Header: http.Header{"User-Agent": {"course-inventory/" + env.Version}}, Log: env.Logger(), Attempts: cfg.MaxReqAttempts,
		Clock: env.OwnClock(),
	}
}

func (c *client) close() error {
	c.direct.Close()
	c.lists.Close()
	return nil
}

// pace tells how the limiters of both credentials stand.
func (c *client) pace() rest.Pace {
	p := c.direct.Limiter.Pace()
	if c.lists != c.direct {
		p = p.Add(c.lists.Limiter.Pace())
	}
	return p
}

// digest tells configurations apart whose answers may differ. A token that took the place of another is none: the
// same university answers.
func digest(c config.Canvas) string {
	return memo.Key(c.URL, c.APIBaseURL, c.APIScopePrefix, c.APISubscriptionName, c.APIClientID, fmt.Sprint(c.AccountID, c.TermIDs, c.AddCourseIDs))
}

// check asks for as little as possible of each server.
func (c *client) check(ctx context.Context) error {
	if len(c.canvas.TermIDs) > 0 {
		if _, err := c.term(ctx, c.canvas.TermIDs[0]); err != nil {
			return err
		}
	}
	_, err := rest.Do[struct{}](ctx, c.direct, graphqlRequest(`{__typename}`, nil), nil)
	return err
}

// fetched is the fetched_at of rows whose answer came at that time.
func fetched(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

// bucket is Canvas' rate limit: requests are refused at 600 units or, where hosted, more; each takes 50 while it runs.
var bucket = &rest.Bucket{Reserve: 50, Remaining: func(h http.Header) (float64, bool) {
	remaining, err := strconv.ParseFloat(h.Get("X-Rate-Limit-Remaining"), 64)
	return remaining, err == nil && math.Abs(remaining) < 1e6
}}

const (
	tokenHint = "check CANVAS.CANVAS_TOKEN: Canvas does not accept it (wrong, expired or revoked)"
	rightHint = "the user of CANVAS.CANVAS_TOKEN, or of the gateway, lacks a right in Canvas: ask for an account-level role with " +
		"course lists, the roster, analytics and, on the root account, the course change log"
	beforeHint = "a firewall, a proxy or a login service before Canvas refused the request, not Canvas itself: check the address in the configuration, " +
		"and ask whether this machine may call it"
	otherHint = "Canvas does not take the request itself, as another server or one that wants https would not: check CANVAS.CANVAS_URL, and " +
		"CANVAS.API_BASE_URL and CANVAS.API_SCOPE_PREFIX where a gateway is used"
	missingHint = "check CANVAS.CANVAS_URL, CANVAS.CANVAS_ACCOUNT_ID and CANVAS.CANVAS_TERM_IDS; what was deleted during the run is gone when it runs again"
)

// classify says what an answer of Canvas means.
//
// A page of HTML is never Canvas' own word: its API speaks JSON only, errors included.
//
// Refusals have changed their status over the years: for throttling 403 became 429 in October 2025, for a
// missing right 401 became 403 in November 2024. So the body decides.
func classify(a rest.Answer) rest.Verdict {
	switch {
	case a.Status >= 200 && a.Status < 300:
		return rest.Verdict{Action: rest.Accept}
	case throttled(a):
		return rest.Verdict{Action: rest.Slow}
	case (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden) && a.HTML():
		return rest.Verdict{Action: rest.Refuse, Class: fault.Permission, Hint: beforeHint}
	case a.Status == http.StatusUnauthorized && !lacksRight(a):
		return rest.Verdict{Action: rest.Refuse, Class: fault.Permission, Hint: tokenHint}
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return rest.Verdict{Action: rest.Refuse, Class: fault.Permission, Hint: rightHint, Single: true}
	case a.Status >= 500, a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooEarly:
		return rest.Verdict{Action: rest.Again}
	case (a.Status == http.StatusNotFound || a.Status == http.StatusGone) && !a.HTML():
		return rest.Verdict{Action: rest.Refuse, Class: fault.Unavailable, Hint: missingHint}
	default:
		return rest.Verdict{Action: rest.Refuse, Class: fault.Config, Hint: otherHint}
	}
}

func throttled(a rest.Answer) bool {
	return a.Status == http.StatusTooManyRequests ||
		a.Status == http.StatusForbidden && bytes.Contains(a.Body, []byte("Rate Limit Exceeded"))
}

// lacksRight tells a refusal for want of a right from one of the token itself.
func lacksRight(a rest.Answer) bool {
	return a.Header.Get("WWW-Authenticate") == "" && bytes.Contains(a.Body, []byte(`"unauthorized"`))
}
