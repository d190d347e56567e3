package campus

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Names of the gateway in front of Canvas.
const (
	gatewayBase      = "/um"
	gatewayPrefix    = "aa/CanvasReadOnly"
	gatewayScope     = "canvasreadonly"
	gatewayTokenPath = "oauth2/token"
)

// canvasBehindGateway is the host in the links that the gateway passes on. It cannot be
// reached: a client must take only the query.
const canvasBehindGateway = "https://canvas.campus.invalid"

// gateway hands out short-lived tokens for a client id and secret.
type gateway struct {
	clientID, clientSecret string
	life                   time.Duration
	spoilAfter             int // uses that the first token of a day survives; 0: no limit

	mu      sync.Mutex
	issued  int
	spoiled bool
	tokens  map[string]*gatewayToken
}

type gatewayToken struct {
	until time.Time
	uses  int
}

func newGateway(o Options) *gateway {
	g := &gateway{
		clientID: fmt.Sprintf("campus-client-%d", o.Seed), clientSecret: fmt.Sprintf("campus-secret-%d", o.Seed),
		life: o.GatewayTokenLife, tokens: map[string]*gatewayToken{},
	}
	if o.Profile == Hostile {
		g.spoilAfter = 5
	}
	return g
}

// reset begins a new day: old tokens stay good, and a hostile gateway may spoil one again.
func (g *gateway) reset() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.spoiled = false
}

// issue makes a token.
func (g *gateway) issue() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.issued++
	value := fmt.Sprintf("gateway-%d-%016x", g.issued, scramble(uint64(g.issued)))
	g.tokens[value] = &gatewayToken{until: time.Now().Add(g.life)}
	return value
}

// accepts says whether a token is good now; spoiled, that it has just gone bad before its time.
func (g *gateway) accepts(value string) (good, spoiled bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, known := g.tokens[value]
	if !known || time.Now().After(t.until) {
		return false, false
	}
	t.uses++
	if g.spoilAfter > 0 && !g.spoiled && t.uses > g.spoilAfter {
		g.spoiled = true
		delete(g.tokens, value)
		return false, true
	}
	return true, false
}

// serveGateway answers for tokens, and passes everything else on to Canvas.
func (c *Campus) serveGateway(w http.ResponseWriter, r *http.Request) {
	rest := strings.TrimPrefix(r.URL.Path, gatewayBase)
	for _, b := range c.opts.Breaks {
		if strings.HasPrefix(r.URL.Path, b.Prefix) {
			c.send(w, broken(b.Status))
			return
		}
	}
	if strings.HasSuffix(rest, "/"+gatewayTokenPath) {
		end := c.stats.begin("gateway token", "gateway client")
		defer end()
		c.send(w, c.gatewayToken(r))
		return
	}
	value, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	good, spoiled := c.gateway.accepts(value)
	if spoiled { // this request fails once more than others: let that be one of its failures
		if _, path, found := strings.Cut(strings.TrimPrefix(rest, "/"+gatewayPrefix), "/"); found {
			q := &call{Request: r.Clone(r.Context()), day: c.day.Load(), query: r.URL.Query(), base: canvasBehindGateway}
			q.URL.Path = "/api/v1/" + path
			c.faults.forgive(q.identity())
		}
	}
	if !bearer || !good {
		end := c.stats.begin("gateway refused", "unknown")
		defer end()
		c.send(w, gatewayError(http.StatusUnauthorized, "invalid_token", "The access token is missing, expired or unknown."))
		return
	}
	// The API's name has two parts; Canvas' own path follows.
	parts := strings.SplitN(strings.TrimPrefix(rest, "/"), "/", 3)
	if len(parts) < 3 || r.Method != http.MethodGet {
		c.send(w, gatewayError(http.StatusNotFound, "not_found", "No such API."))
		return
	}
	inner := r.Clone(context.WithValue(r.Context(), baseKey{}, canvasBehindGateway))
	inner.URL = &url.URL{Path: "/api/v1/" + parts[2], RawQuery: r.URL.RawQuery}
	inner.Header.Set("Authorization", "Bearer "+c.tokens[1].value)
	c.rest.ServeHTTP(w, inner)
}

// gatewayToken answers a client-credentials request; the credentials come in the form or
// by Basic authentication.
func (c *Campus) gatewayToken(r *http.Request) *reply {
	if r.Method != http.MethodPost {
		return gatewayError(http.StatusMethodNotAllowed, "invalid_request", "Use POST.")
	}
	if err := r.ParseForm(); err != nil {
		return gatewayError(http.StatusBadRequest, "invalid_request", "The form cannot be read.")
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	switch {
	case !same(id, c.gateway.clientID) || !same(secret, c.gateway.clientSecret):
		return gatewayError(http.StatusUnauthorized, "invalid_client", "The client is unknown or its secret is wrong.")
	case r.PostForm.Get("grant_type") != "client_credentials":
		return gatewayError(http.StatusBadRequest, "unsupported_grant_type", "Only client_credentials is supported.")
	case r.PostForm.Get("scope") != gatewayScope:
		return gatewayError(http.StatusBadRequest, "invalid_scope", "The client has no such subscription.")
	}
	seconds := max(1, int(c.opts.GatewayTokenLife/time.Second))
	return ok(map[string]any{
		"token_type": "Bearer", "access_token": c.gateway.issue(), "scope": gatewayScope,
		"expires_in": fmt.Sprint(seconds), // a string, as the real one may send
	})
}

func gatewayError(status int, code, text string) *reply {
	body, err := json.Marshal(map[string]string{"error": code, "error_description": text})
	if err != nil {
		panic(err)
	}
	return &reply{status: status, body: body, header: http.Header{"content-type": {"application/json"}}}
}
