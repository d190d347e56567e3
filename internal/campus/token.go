package campus

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// token is a Canvas access token that the campus knows.
type token struct {
	name   string // for statistics; never the value
	value  string
	rights Rights
}

// makeTokens returns the known tokens: the main one, the gateway's own, and one for every
// single right that can be missing.
func makeTokens(o Options) []token {
	value := func(name string) string { return fmt.Sprintf("campus~%d~%s", o.Seed, name) }
	return []token{
		{"canvas", value("canvas"), o.Rights},
		{"gateway", value("behind-the-gateway"), o.Rights},
		{"no_sis", value("no-sis"), Rights{NoSIS: true}},
		{"no_audit", value("no-audit"), Rights{NoAudit: true}},
		{"no_analytics", value("no-analytics"), Rights{NoAnalytics: true}},
		{"no_roster", value("no-roster"), Rights{NoRoster: true}},
		{"read_only", value("read-only"), Rights{ReadOnly: true, NoSIS: true}},
	}
}

// credential is what a request shows of itself.
type credential struct {
	value    string
	throttle string // whose bucket it uses: only a header or query token has one
}

// credentialOf finds the access token where Canvas looks for it: the Authorization
// header, the query, and the body of a JSON request, which has no bucket of its own.
func credentialOf(r *http.Request, body []byte) credential {
	if v, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return credential{v, v}
	}
	if v := r.URL.Query().Get("access_token"); v != "" {
		return credential{v, v}
	}
	var in struct {
		AccessToken string `json:"access_token"`
	}
	if r.Method == http.MethodPost && json.Unmarshal(body, &in) == nil {
		return credential{value: in.AccessToken}
	}
	return credential{}
}

// authenticate returns the token of a credential, or Canvas' refusal.
func (c *Campus) authenticate(cred credential) (*token, *reply) {
	if cred.value == "" {
		r := jsonReply(http.StatusUnauthorized, map[string]any{
			"status": "unauthenticated", "errors": []any{map[string]any{"message": "user authorization required"}},
		})
		r.header["www-authenticate"] = []string{`Bearer realm="canvas-lms"`}
		return nil, r
	}
	for i := range c.tokens {
		t := &c.tokens[i]
		if t.value != cred.value {
			continue
		}
		if t.name == "canvas" && c.opts.RevokeAfter > 0 && c.used.Add(1) > int64(c.opts.RevokeAfter) {
			break
		}
		return t, nil
	}
	r := jsonReply(http.StatusUnauthorized, map[string]any{"errors": []any{map[string]any{"message": "Invalid access token."}}})
	r.header["www-authenticate"] = []string{`Bearer realm="canvas-lms"`}
	return nil, r
}
