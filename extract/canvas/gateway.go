package canvas

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
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
	login := &gatewayLogin{turn: make(chan struct{}, 1), config: clientcredentials.Config{
		ClientID: canvas.APIClientID, ClientSecret: canvas.APIClientSecret.Reveal(),
		TokenURL: canvas.APIBaseURL + "/" + canvas.TokenPath, Scopes: []string{canvas.APISubscriptionName},
		AuthStyle: oauth2.AuthStyleInParams,
	}}
	base.Auth = login
	c, err := rest.New(base)
	if err != nil {
		return nil, err
	}
	login.http = &http.Client{Transport: c.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("redirect of a request with credentials refused")
	}}
	return c, nil
}

const loginHint = "check CANVAS.API_CLIENT_ID, CANVAS.API_CLIENT_SECRET and CANVAS.API_SUBSCRIPTION_NAME"

// classifyGateway says what an answer through the gateway means. A 401 of the gateway itself is
// about its own token, which may have expired.
func classifyGateway(a rest.Answer) rest.Verdict {
	if a.Status == http.StatusUnauthorized && !lacksRight(a) {
		return rest.Verdict{Action: rest.Renew, Class: fault.Permission, Hint: loginHint}
	}
	return classify(a)
}

// gatewayLogin gets tokens by client credentials and keeps the newest one.
type gatewayLogin struct {
	config clientcredentials.Config
	http   *http.Client
	turn   chan struct{} // held by who asks for a token
	token  atomic.Pointer[oauth2.Token]
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
			if token, err = g.config.Token(context.WithValue(ctx, oauth2.HTTPClient, g.http)); err != nil {
				return loginError(err)
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

// loginError keeps the answer's body, which oauth2 puts into its error, out of ours.
func loginError(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return fmt.Errorf("token request: %w", err)
	}
	status := refused.Response.StatusCode
	named := fmt.Errorf("token request: status %d %s", status, rest.Clean(refused.ErrorCode, ""))
	if status < 200 || status >= 500 || status == http.StatusTooManyRequests || status == http.StatusOK {
		return named
	}
	return fault.New(fault.Permission, loginHint, named)
}
