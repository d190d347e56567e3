package zoom

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// client is one run's view of Canvas and Zoom.
type client struct {
	account  int64
	workers  int // tabs followed at once
	attempts int
	now      func() time.Time
	log      *slog.Logger

	canvas *rest.Client // below CANVAS_URL/api, with the token
	pages  rest.Config  // of a launch's way through Canvas' pages, without the token
	zoom   rest.Config  // of its way through Zoom
	host   *url.URL     // ZOOM_URL
}

// maxPage is the size in bytes of a page of HTML or a list, beyond which it is not read.
const maxPage = 8 << 20

// maxWorkers is how many tabs are followed at once, at most: unlike Canvas, Zoom does not tell how much it bears.
const maxWorkers = 8

func newClient(cfg *config.Config, env extract.Env, t rest.Tuning) (*client, error) {
	base := canvas.RESTConfig(cfg, env)
	base.Tuning = t
	c := &client{
		account: cfg.Canvas.AccountID, workers: min(max(1, cfg.NumAsyncWorkers), maxWorkers), now: env.Clock(), log: env.Logger(),
	}
	var err error
	if c.canvas, err = rest.New(base); err != nil {
		return nil, err
	}
	c.attempts = c.canvas.Attempts

	c.pages = base
	c.pages.Service, c.pages.Base, c.pages.Auth, c.pages.Transport = "Canvas' launch page", cfg.Canvas.URL, nil, c.canvas.Transport
	c.pages.Limiter, c.pages.MaxBody = rest.NewPolite(c.workers, nil), maxPage

	c.zoom = c.pages
	c.zoom.Service, c.zoom.Base, c.zoom.BaseKey = "Zoom", cfg.Canvas.ZoomURL, "CANVAS.ZOOM_URL"
	c.zoom.Classify, c.zoom.Limiter = classify, rest.NewPolite(c.workers, nil)
	if _, err = rest.New(c.zoom); err != nil {
		return nil, err
	}
	if c.host, err = url.Parse(cfg.Canvas.ZoomURL); err != nil {
		return nil, fault.New(fault.Config, "check CANVAS.ZOOM_URL", err)
	}
	c.zoom.Base = c.host.Scheme + "://" + c.host.Host // forms name whole URLs
	return c, nil
}

// browse returns a client for one launch, which shares its cookies with no other.
func browse(server rest.Config) (*rest.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	server.Jar = jar
	return rest.New(server)
}

func (c *client) close() error {
	c.canvas.Close() // the other clients use its connections
	return nil
}

// check asks whether Canvas takes the token. Zoom cannot be asked without a launch.
func (c *client) check(ctx context.Context) error {
	_, err := rest.Do[struct{}](ctx, c.canvas, rest.Request{Path: "v1/accounts/" + strconv.FormatInt(c.account, 10)}, nil)
	return err
}

// fetchedAt is the fetched_at of rows that were read now.
func (c *client) fetchedAt() time.Time { return c.now().UTC().Truncate(time.Microsecond) }

// classify says what an answer of Zoom means. Refusals are about one course: its session, or the user's place in it.
func classify(a rest.Answer) rest.Verdict {
	switch {
	case a.Status >= 200 && a.Status < 300:
		return rest.Verdict{Action: rest.Accept}
	case a.Status == http.StatusTooManyRequests:
		return rest.Verdict{Action: rest.Slow}
	case a.Status >= 500, a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooEarly:
		return rest.Verdict{Action: rest.Again}
	default:
		return rest.Verdict{Action: rest.Refuse, Class: fault.Unavailable, Hint: "check CANVAS.ZOOM_URL, and whether the user of CANVAS.CANVAS_TOKEN may open Zoom"}
	}
}

// sameServer tells whether two URLs lead to the same server.
func sameServer(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
}
