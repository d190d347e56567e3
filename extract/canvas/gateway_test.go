package canvas

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// gateway is a gateway of one term. Its token endpoint gives the answers of a list, the last one for ever.
type gateway struct {
	logins []string // status, space, body
	tokens int
	last   *http.Request
}

func (g *gateway) RoundTrip(r *http.Request) (*http.Response, error) {
	reply := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	if r.URL.Path == "/um//aa/oauth2/token" {
		var status int
		answer := g.logins[min(g.tokens, len(g.logins)-1)]
		g.tokens++
		if _, err := fmt.Sscan(answer, &status); err != nil {
			return nil, err
		}
		_, body, _ := strings.Cut(answer, " ")
		return reply(status, body)
	}
	g.last = r
	if r.Header.Get("Authorization") != "Bearer good" {
		return reply(http.StatusUnauthorized, `{"error":"invalid_token"}`)
	}
	return reply(http.StatusOK, `{"id":1,"name":"Winter"}`)
}

func TestGatewayLogin(t *testing.T) {
	const good = `200 {"token_type":"Bearer","access_token":"good","expires_in":"3600"}`
	for name, test := range map[string]struct {
		logins []string
		tokens int
		class  fault.Class
		hint   string
	}{
		"at once":                 {logins: []string{good}, tokens: 1},
		"seconds with a fraction": {logins: []string{`200 {"access_token":"good","expires_in":3600.0}`}, tokens: 1},
		"no time of expiry":       {logins: []string{"200 \ufeff" + `{"token_type":"Bearer","access_token":"good"}`}, tokens: 1},
		"an odd time of expiry":   {logins: []string{`200 {"access_token":"good","expires_in":{"s":1}}`}, tokens: 1},
		"no endpoint":             {logins: []string{`404 <html>secret body`}, tokens: 1, class: fault.Config, hint: "CANVAS.API_TOKEN_PATH"},
		"a firewall":              {logins: []string{`403 <html>secret body`}, tokens: 1, class: fault.Permission, hint: "before Canvas refused"},
		"a login page":            {logins: []string{`200 <form><input type="password">secret body`}, tokens: 3, class: fault.Permission, hint: "single sign-on"},
		"down at first":           {logins: []string{`503 <html>`, `502 {}`, good}, tokens: 3},
		"no token in it":          {logins: []string{`200 {}`, `200 <html>`, good}, tokens: 3},
		"expired at once":         {logins: []string{`200 {"token_type":"Bearer","access_token":"bad","expires_in":3600}`, good}, tokens: 2},
		"never accepted":          {logins: []string{`200 {"token_type":"Bearer","access_token":"bad","expires_in":3600}`}, tokens: 2, class: fault.Permission, hint: "CANVAS.API_CLIENT_ID"},
		"always down":             {logins: []string{`503 secret body`}, tokens: 3, class: fault.Unavailable, hint: "MAX_REQ_ATTEMPTS"},
		"refused":                 {logins: []string{`400 {"error":"invalid_client","error_description":"secret body"}`}, tokens: 1, class: fault.Permission, hint: "CANVAS.API_CLIENT_SECRET"},
	} {
		t.Run(name, func(t *testing.T) {
			g := &gateway{logins: test.logins}
			cfg := &config.Config{MaxReqAttempts: 3, NumAsyncWorkers: 2, Canvas: config.Canvas{
				AccountID: 1, URL: "https://canvas.example.edu", Token: "token",
				APIBaseURL: "https://gw.example.edu/um", APIScopePrefix: "aa/CanvasReadOnly", APISubscriptionName: "canvasreadonly",
				APIClientID: "client", APIClientSecret: "hush", TokenPath: "/aa/oauth2/token",
			}}
			tuning := hasty
			tuning.Transport = g
			c, err := newClient(cfg, extract.Env{Version: "9"}, tuning)
			if err != nil {
				t.Fatal(err)
			}
			term, err := c.term(t.Context(), 1)
			if fault.ClassOf(err) != test.class || !contains(fault.HintOf(err), test.hint) || g.tokens != test.tokens {
				t.Fatalf("%v, class %v, hint %q, after %d logins", err, fault.ClassOf(err), fault.HintOf(err), g.tokens)
			}
			if err != nil {
				if contains(err.Error(), "secret body") || contains(err.Error(), "hush") {
					t.Errorf("the error tells too much: %v", err)
				}
				return
			}
			if h := g.last.Header; term.Name != "Winter" || h.Get("X-Ibm-Client-Id") != "client" || h.Get("User-Agent") != "course-inventory/9" {
				t.Errorf("%+v with %v", term, g.last.Header)
			}
			if want := "/um/aa/CanvasReadOnly/accounts/1/terms/1"; g.last.URL.Path != want {
				t.Errorf("path %s, want %s", g.last.URL.Path, want)
			}
		})
	}
}
