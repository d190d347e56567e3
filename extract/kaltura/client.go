package kaltura

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// client is one run's view of Kaltura. One table uses it, one request at a time.
type client struct {
	partner    int64
	secret     config.Secret
	categories string
	start      time.Time // of the first interval; one that begins no later has everything
	pageSize   int
	now        func() time.Time
	api        *rest.Client

	ks config.Secret // the session, "" before the first and after one has ended
}

const maxPageSize = 500 // the server's own limit

func newClient(cfg *config.Config, env extract.Env, t tuning) (*client, error) {
	v := cfg.MIVideo
	api, err := rest.New(rest.Config{
		Service: "Kaltura", Base: v.KalturaURL + "/api_v3", BaseKey: "MIVIDEO.kaltura_url",
		Classify: classify, Header: http.Header{"User-Agent": {"course-inventory/" + env.Version}}, Log: env.Logger(), Clock: env.OwnClock(),
		Attempts: cfg.MaxReqAttempts, Tuning: t.Tuning,
	})
	if err != nil {
		return nil, err
	}
	return &client{
		partner: v.KalturaPartnerID, secret: v.KalturaUserSecret, categories: v.KalturaCategoriesFullNameIn, start: v.DefaultLastTimestamp,
		pageSize: cmp.Or(t.pageSize, maxPageSize), now: env.Clock(), api: api,
	}, nil
}

func (c *client) close() error {
	c.api.Close()
	return nil
}

// check asks for as little as a session and one entry.
func (c *client) check(ctx context.Context) error {
	_, err := c.list(ctx, filter{Type: filterType, OrderBy: oldestFirst}, 1)
	return err
}

// action sends a call of the API. The answer is the action's result, or an error of the API as a value of T.
func action[T any](ctx context.Context, c *client, service, name string, params any, check func(*T) error) (T, error) {
	body, err := json.Marshal(params)
	if err != nil {
		var zero T
		return zero, fmt.Errorf("parameters of %s.%s: %w", service, name, err)
	}
	request := rest.Request{Method: http.MethodPost, Path: "service/" + service + "/action/" + name, Body: body, Objects: "objects"}
	return rest.Do(ctx, c.api, request, check)
}

// common are the parameters of every call.
type common struct {
	Format    int    `json:"format"` // 1 is JSON
	ClientTag string `json:"clientTag"`
	KS        string `json:"ks,omitempty"`
}

func newCommon(ks config.Secret) common {
	return common{Format: 1, ClientTag: "course-inventory", KS: ks.Reveal()}
}

const (
	sessionLife  = 24 * 60 * 60 // seconds; a partner may allow less
	adminSession = 2
)

// session returns the present session, a new one if there is none.
func (c *client) session(ctx context.Context) (config.Secret, error) {
	if c.ks != "" {
		return c.ks, nil
	}
	params := struct {
		common
		Secret  string `json:"secret"`
		UserID  string `json:"userId"`
		Type    int    `json:"type"`
		Partner int64  `json:"partnerId"`
		Expiry  int    `json:"expiry"`
	}{newCommon(""), c.secret.Reveal(), "", adminSession, c.partner, sessionLife}
	got, err := action(ctx, c, "session", "start", params, func(s *session) error { return s.err.passing() })
	if err != nil {
		return "", err
	}
	if got.err != nil {
		return "", got.err.fault()
	}
	c.ks = config.Secret(got.ks)
	return c.ks, nil
}

// list returns the first entries that pass a filter, with a new session where the present one has ended.
func (c *client) list(ctx context.Context, f filter, size int) (page, error) {
	for renewed := false; ; renewed = true {
		ks, err := c.session(ctx)
		if err != nil {
			return page{}, err
		}
		params := struct {
			common
			Filter filter `json:"filter"`
			Pager  pager  `json:"pager"`
		}{newCommon(ks), f, pager{Type: "KalturaFilterPager", PageSize: size, PageIndex: 1}}
		p, err := action(ctx, c, "media", "list", params, func(p *page) error { return p.check(f, size) })
		switch {
		case err != nil:
			return page{}, err
		case p.err == nil:
			return p, nil
		case p.err.ended() && !renewed:
			c.ks = ""
		default:
			return page{}, p.err.fault()
		}
	}
}

// classify says what an answer means as far as its status and a rate limit go; all else is in the code of an
// answer with status 200.
func classify(a rest.Answer) rest.Verdict {
	switch {
	case blocked(a.Body), a.Status == http.StatusTooManyRequests:
		return rest.Verdict{Action: rest.Slow}
	case a.Status >= 200 && a.Status < 300:
		return rest.Verdict{Action: rest.Accept}
	case a.Status >= 500, a.Status == http.StatusRequestTimeout:
		return rest.Verdict{Action: rest.Again}
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden:
		return rest.Verdict{Action: rest.Refuse, Class: fault.Permission, Hint: "ask Kaltura whether this address may use its API; a proxy may be in the way"}
	default:
		return rest.Verdict{Action: rest.Refuse, Class: fault.Config, Hint: "check MIVIDEO.kaltura_url: there is no Kaltura API"}
	}
}
