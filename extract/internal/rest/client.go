package rest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Config says how to reach a service. Zero values of the limits mean their defaults.
type Config struct {
	Service  string // its name in errors
	Base     string // URL before every path, without a slash at its end
	BaseKey  string // the configuration key of Base, for hints
	Auth     Auth
	Classify Classify
	Limiter  Limiter
	Header   http.Header // for every request
	Log      *slog.Logger
	// QueryOnlyLinks makes paging take only the query of a next link, where a gateway passes on the links of the server behind it.
	QueryOnlyLinks bool

	Jar      http.CookieJar // default: cookies are forgotten
	Attempts int            // tries per request, the first included; default 3
	MaxBody  int64          // bytes of an answer; default 64 MiB
	Clock    clock.Own      // the clock of replies, compared with every answer's Date; default: the real time, not compared
	Tuning
}

// Tuning is what sources leave at its defaults and tests set to values of their own.
type Tuning struct {
	Transport http.RoundTripper // default: a copy of http.DefaultTransport
	Deadline  time.Duration     // of one try; default 2 minutes
	FirstWait time.Duration     // before the second try, doubled for each one after; default 500 ms
	MaxWait   time.Duration     // the longest of these, also for Retry-After; default 30 s
	Patience  time.Duration     // how long rate limits may refuse one request; default 15 minutes
	Pause     time.Duration     // of all requests after a first refusal, doubled for each one after; default 1 s
}

// Client sends requests to one service. It may be used by many goroutines.
type Client struct {
	Config
	base *url.URL
	http *http.Client
}

// New returns a client.
func New(c Config) (*Client, error) {
	base, err := url.Parse(c.Base)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fault.New(fault.Config, fmt.Sprintf("set %s to a URL such as https://host/path", c.BaseKey),
			fmt.Errorf("%s is not an http or https URL", c.BaseKey))
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fault.New(fault.Config, fmt.Sprintf("leave only scheme, host and path in %s", c.BaseKey),
			fmt.Errorf("%s has more than scheme, host and path", c.BaseKey))
	}
	c.Base = strings.TrimRight(c.Base, "/")
	if c.Transport == nil {
		c.Transport = newTransport()
	}
	if c.Limiter == nil {
		c.Limiter = NewPolite(1, nil)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if p, ok := c.Limiter.(*polite); ok && c.Pause > 0 {
		p.first = c.Pause
	}
	c.Attempts = cmp.Or(max(c.Attempts, 0), 3)
	c.Deadline = cmp.Or(c.Deadline, 2*time.Minute)
	c.FirstWait = cmp.Or(c.FirstWait, 500*time.Millisecond)
	c.MaxWait = cmp.Or(c.MaxWait, 30*time.Second)
	c.Patience = cmp.Or(c.Patience, 15*time.Minute)
	c.MaxBody = cmp.Or(c.MaxBody, 64<<20)
	return &Client{Config: c, base: base, http: &http.Client{Transport: c.Transport, Jar: c.Jar, CheckRedirect: sameHost}}, nil
}

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	t.OnProxyConnectResponse = refusedByProxy
	return t
}

// Close closes the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// sameHost follows redirects only where the credential may go.
func sameHost(r *http.Request, via []*http.Request) error {
	if first := via[0].URL; r.URL.Host != first.Host || r.URL.Scheme != first.Scheme {
		return errRedirect{r.URL.Scheme + "://" + r.URL.Host}
	}
	if len(via) >= 5 {
		return errCircle
	}
	return nil
}

// Request is one question. All requests are reads.
type Request struct {
	Method   string // default GET
	Path     string // below Base, without a slash before it
	Query    url.Values
	Body     []byte     // JSON
	Form     url.Values // in place of Body: fields of a form
	Header   http.Header
	Attempts int    // if not 0, fewer tries than the client's
	Objects  string // where in the answer the source's objects are, whose fields the tally watches: [Here] or names with dots between them; "" for nowhere

	link *url.URL // in place of Path and Query: where a next link points
}

// Here says that the answer is the object, or the array of objects.
const Here = "."

// observe tells the tally what fields the source's objects have.
func (r Request) observe(ctx context.Context, body []byte) {
	if r.Objects != "" {
		tally.Of(ctx).Objects(body, strings.TrimPrefix(r.Objects, Here))
	}
}

func (r Request) method() string { return cmp.Or(r.Method, http.MethodGet) }

// target returns the URL to ask.
func (c *Client) target(r Request) string {
	switch {
	case r.link == nil && len(r.Query) == 0:
		return c.Base + "/" + r.Path
	case r.link == nil:
		return c.Base + "/" + r.Path + "?" + r.Query.Encode()
	case c.QueryOnlyLinks:
		return c.Base + "/" + r.Path + "?" + r.link.RawQuery
	default:
		return r.link.String()
	}
}

// Answer is the reply to one try, as far as it could be read.
type Answer struct {
	Status    int
	Header    http.Header
	Body      []byte   // without a byte order mark
	URL       *url.URL // where it came from
	Forwarded bool     // by a redirect
}
