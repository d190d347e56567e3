package campus

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAuthorization(t *testing.T) {
	c, token := newCampus(t, Options{})
	lesser := c.Info("").LesserTokens
	const unauthorized = `"status":"unauthorized"`
	for _, tt := range []struct {
		name, token, path string
		code              int
		contains          string
	}{
		{"no token", "", "/api/v1/accounts/1", 401, `"errors":[{"message":"user authorization required"}],"status":"unauthenticated"`},
		{"wrong token", "x", "/api/v1/accounts/1", 401, `{"errors":[{"message":"Invalid access token."}]}`},
		{"right token", token, "/api/v1/accounts/1", 200, `"id":1,`},
		{"token in the query", "", "/api/v1/accounts/1?access_token=" + token, 200, `"id":1,`},
		{"missing course", token, "/api/v1/courses/5", 404, `{"errors":[{"message":"The specified resource does not exist."}]}`},
		{"missing path", token, "/api/v1/nothing", 404, "does not exist"},
		{"terms of a sub-account", token, "/api/v1/accounts/203/terms/12", 400, "Terms only belong to root_accounts."},
		{"no audit right", lesser["no_audit"], "/api/v1/audit/course/courses/100006", 403, unauthorized},
		{"audit right", token, "/api/v1/audit/course/courses/100006", 200, `"event_type":"published"`},
		{"no analytics right", lesser["no_analytics"], "/api/v1/courses/100006/analytics/activity", 403, unauthorized},
		{"analytics right", token, "/api/v1/courses/100006/analytics/activity", 200, `{"id":null,"date":"2026-`},
		{"no roster right", lesser["no_roster"], "/api/v1/courses/100006/enrollments", 403, unauthorized},
		{"SIS right", token, "/api/v1/courses/100006", 200, `"sis_course_id":"`},
		{"null SIS key", token, "/api/v1/accounts/1/terms/12", 200, `"sis_term_id":null`},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, tt.path, nil)
		if tt.token != "" {
			r.Header.Set("Authorization", "Bearer "+tt.token)
		}
		c.Handler().ServeHTTP(w, r)
		if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.contains) {
			t.Errorf("%s: %d %.300s", tt.name, w.Code, w.Body)
		}
		if challenge := w.Header()["www-authenticate"]; (tt.code == 401) != (len(challenge) == 1 && challenge[0] == `Bearer realm="canvas-lms"`) {
			t.Errorf("%s: challenge %q", tt.name, challenge)
		}
	}
	for _, path := range []string{"/api/v1/courses/100006", "/api/v1/accounts/203", "/api/v1/accounts/1/terms/12", "/api/v1/courses/100006/sections"} {
		if code, _, body := get(t, c, lesser["no_sis"], path); code != 200 || strings.Contains(body, `"sis_`) {
			t.Errorf("%s without SIS right: %d %s", path, code, body)
		}
	}
	if _, _, body := get(t, c, token, "/api/v1/accounts/1"); strings.Contains(body, "sis_account_id") {
		t.Errorf("the root account has a SIS key: %s", body)
	}
	if _, _, body := get(t, c, lesser["read_only"], "/api/v1/accounts/203"); strings.Contains(body, "quota") {
		t.Errorf("short form of an account: %s", body)
	}
	none, token := newCampus(t, Options{NoAuditStore: true})
	if code, _, body := get(t, none, token, "/api/v1/audit/course/courses/100006"); code != 404 || body != `{"message":"Auditors are not configured"}` {
		t.Errorf("no audit store: %d %s", code, body)
	}
}

// token asks the gateway for a token.
func askGateway(t *testing.T, c *Campus, path string, form url.Values, basic ...string) (int, map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(basic) == 2 {
		r.SetBasicAuth(basic[0], basic[1])
	}
	c.Handler().ServeHTTP(w, r)
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	return w.Code, m
}

func TestGateway(t *testing.T) {
	c, _ := newCampus(t, Options{})
	i := c.Info("")
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"canvasreadonly"}}
	full := url.Values{"client_id": {i.ClientID}, "client_secret": {i.ClientSecret}}
	for k, v := range form {
		full[k] = v
	}
	for _, path := range []string{"/um/oauth2/token", "/um/aa/oauth2/token", "/um//aa/oauth2/token"} {
		if code, m := askGateway(t, c, path, full); code != 200 || m["expires_in"] != "3600" || m["token_type"] != "Bearer" {
			t.Errorf("%s: %d %v", path, code, m)
		}
	}
	if code, m := askGateway(t, c, "/um/oauth2/token", form, i.ClientID, "wrong"); code != 401 || m["error"] != "invalid_client" {
		t.Errorf("wrong secret: %d %v", code, m)
	}
	full.Set("scope", "other")
	if code, m := askGateway(t, c, "/um/oauth2/token", full); code != 400 || m["error"] != "invalid_scope" {
		t.Errorf("wrong scope: %d %v", code, m)
	}
	_, m := askGateway(t, c, "/um/oauth2/token", form, i.ClientID, i.ClientSecret)
	token := m["access_token"].(string)
	code, links, body := get(t, c, token, "/um/aa/CanvasReadOnly/accounts/1/courses?per_page=20")
	if code != 200 || links["next"] != "https://canvas.campus.invalid/api/v1/accounts/1/courses?page=2&per_page=20" {
		t.Errorf("%d %v %.200s", code, links, body)
	}
	if code, _, _ := get(t, c, token, "/api/v1/accounts/1"); code != 401 {
		t.Errorf("Canvas itself takes a gateway token: %d", code)
	}
	if code, _, _ := get(t, c, "x", "/um/aa/CanvasReadOnly/accounts/1"); code != 401 {
		t.Errorf("unknown token: %d", code)
	}
	if s := c.Stats(); s.Tokens["gateway"].Requests != 1 || s.Requests["gateway token"] != 6 {
		t.Errorf("statistics: %+v", s)
	}
}

func TestGatewayTokenEnds(t *testing.T) {
	c, _ := newCampus(t, Options{GatewayTokenLife: time.Nanosecond})
	if good, _ := c.gateway.accepts(c.gateway.issue()); good {
		t.Error("an expired token is accepted")
	}
	hostile, _ := newCampus(t, Options{Profile: Hostile})
	for range 2 { // each day anew, and once a day
		first := hostile.gateway.issue()
		good := 0
		for ok := true; ok; {
			if ok, _ = hostile.gateway.accepts(first); ok {
				good++
			}
		}
		second := hostile.gateway.issue()
		for range 100 {
			if ok, _ := hostile.gateway.accepts(second); !ok {
				t.Fatal("the second token is refused")
			}
		}
		if good != 5 {
			t.Errorf("the first token was good for %d requests, want 5", good)
		}
		if err := hostile.SetDay(t.Context(), monday.AddDate(0, 0, 1)); err != nil {
			t.Fatal(err)
		}
	}
}
