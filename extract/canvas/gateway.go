package canvas

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// newGateway returns the client of the API gateway in front of Canvas. Canvas' links come
// through it with Canvas' own host, so only their query counts.
func newGateway(base rest.Config, canvas config.Canvas, workers int) (*rest.Client, error) {
	base.Service, base.BaseKey = "Canvas gateway", "CANVAS.API_BASE_URL"
	base.Base = canvas.APIBaseURL + "/" + canvas.APIScopePrefix
	base.Classify, base.Limiter = classifyGateway, rest.NewPolite(workers, bucket)
	base.QueryOnlyLinks = true
	base.Header = base.Header.Clone()
	// The gateway of 2020 asked for this header; its successor ignores it.
	base.Header.Set("X-Ibm-Client-Id", canvas.APIClientID)
	base.Auth = nil
	tokens := base
	tokens.Service, tokens.Base, tokens.Classify, tokens.Limiter, tokens.Header = "login at the Canvas gateway", canvas.APIBaseURL, classifyLogin, nil, nil
	login := &gatewayLogin{turn: make(chan struct{}, 1), request: rest.Request{Method: http.MethodPost, Path: canvas.TokenPath, Form: url.Values{
		"grant_type": {"client_credentials"}, "scope": {canvas.APISubscriptionName},
		"client_id": {canvas.APIClientID}, "client_secret": {canvas.APIClientSecret.Reveal()},
	}}}
	base.Auth = login
	c, err := rest.New(base)
	if err != nil {
		return nil, err
	}
	tokens.Transport = c.Transport
	login.server, err = rest.New(tokens)
	return c, err
}

const loginHint = "check CANVAS.API_CLIENT_ID, CANVAS.API_CLIENT_SECRET and CANVAS.API_SUBSCRIPTION_NAME"

// classifyGateway says what an answer through the gateway means. A 401 of the gateway itself is
// about its own token, which may have expired.
func classifyGateway(a rest.Answer) rest.Verdict {
	if a.Status == http.StatusUnauthorized && !lacksRight(a) && !a.HTML() {
		return rest.Verdict{Action: rest.Renew, Class: fault.Permission, Hint: loginHint}
	}
	return classify(a)
}

// classifyLogin says what an answer of the gateway's token endpoint means.
func classifyLogin(a rest.Answer) rest.Verdict {
	switch {
	case a.Status >= 200 && a.Status < 300:
		return rest.Verdict{Action: rest.Accept}
	case a.Status == http.StatusTooManyRequests:
		return rest.Verdict{Action: rest.Slow}
	case a.Status >= 500, a.Status == http.StatusRequestTimeout:
		return rest.Verdict{Action: rest.Again}
	case a.Status == http.StatusNotFound, a.Status == http.StatusGone, a.Status == http.StatusMethodNotAllowed:
		return rest.Verdict{Action: rest.Refuse, Class: fault.Config, Hint: "check CANVAS.API_BASE_URL and CANVAS.API_TOKEN_PATH: there is no token endpoint"}
	case a.HTML():
		return rest.Verdict{Action: rest.Refuse, Class: fault.Permission, Hint: beforeHint}
	default:
		return rest.Verdict{Action: rest.Refuse, Class: fault.Permission, Hint: loginHint}
	}
}

// gatewayLogin gets tokens by client credentials and keeps the newest one.
type gatewayLogin struct {
	server  *rest.Client
	request rest.Request
	turn    chan struct{} // held by who asks for a token
	token   atomic.Pointer[oauth2.Token]
}

// apiToken is the answer of a token endpoint.
type apiToken struct {
	AccessToken string          `json:"access_token"`
	TokenType   string          `json:"token_type"`
	ExpiresIn   json.RawMessage `json:"expires_in"`
}

// life returns how long the token is good: 3600, 3600.0 or "3600" seconds. It is 0 where the answer does not tell: then the token is used
// until it is refused.
func (a apiToken) life() time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(a.ExpiresIn), `"`), 64)
	if err != nil || !(seconds > 0 && seconds < 1e9) {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// ask gets a token. Its request counts for no table.
func (g *gatewayLogin) ask(ctx context.Context) (*oauth2.Token, error) {
	a, err := rest.Do(tally.With(ctx, &tally.Book{}, "login"), g.server, g.request, func(a *apiToken) error {
		if a.AccessToken == "" {
			return rest.Shapef("access_token: missing")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	token := &oauth2.Token{AccessToken: a.AccessToken, TokenType: a.TokenType}
	if life := a.life(); life > 0 {
		token.Expiry = time.Now().Add(life)
	}
	return token, nil
}

// Authorize sets the Authorization header, with a new token if the present one is about to expire.
func (g *gatewayLogin) Authorize(ctx context.Context, r *http.Request) error {
	token := g.token.Load()
	if !token.Valid() {
		select {
		case g.turn <- struct{}{}:
			defer func() { <-g.turn }()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if token = g.token.Load(); !token.Valid() {
			var err error
			if token, err = g.ask(ctx); err != nil {
				return err
			}
			g.token.Store(token)
		}
	}
	token.SetAuthHeader(r)
	return nil
}

// Renew forgets the token that r carried. Another request may have done so before.
func (g *gatewayLogin) Renew(r *http.Request) bool {
	if token := g.token.Load(); token != nil && r.Header.Get("Authorization") == token.Type()+" "+token.AccessToken {
		g.token.CompareAndSwap(token, nil)
	}
	return true
}
