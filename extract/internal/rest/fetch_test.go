package rest

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestFetch(t *testing.T) {
	calls := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "https://elsewhere.example/login?hint=secret", http.StatusFound)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/form":
			_ = r.ParseForm()
			cookie, err := r.Cookie("seen")
			if err == nil && cookie.Value == "yes" && r.PostForm.Get("name") == "a b&c" && r.Header.Get("X-Extra") == "1" {
				_, _ = w.Write([]byte("<p>good</p>"))
				return
			}
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes"})
			_, _ = w.Write([]byte("<p>bad</p>"))
		}
	}))
	defer s.Close()
	jar, _ := cookiejar.New(nil)
	c, err := New(Config{
		Service: "Test", Base: s.URL, BaseKey: "TEST.url", Jar: jar, Attempts: 3, Tuning: Tuning{FirstWait: time.Millisecond, MaxWait: time.Millisecond},
		Classify: func(a Answer) Verdict {
			if a.Status == http.StatusOK {
				return Verdict{Action: Accept}
			}
			return Verdict{Action: Refuse}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Method: http.MethodPost, Path: "form", Form: url.Values{"name": {"a b&c"}}, Header: http.Header{"X-Extra": {"1"}}}
	err = Fetch(t.Context(), c, r, func(a Answer) error {
		if !strings.Contains(string(a.Body), "good") {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || calls != 2 {
		t.Errorf("form: %v after %d calls", err, calls)
	}
	err = Fetch(t.Context(), c, Request{Path: "away"}, func(Answer) error { return nil })
	if origin, ok := Redirected(err); !ok || origin != "https://elsewhere.example" || strings.Contains(err.Error(), "secret") {
		t.Errorf("redirect: %v", err)
	}
	err = Fetch(t.Context(), c, Request{Path: "gone"}, func(Answer) error { return nil })
	if StatusOf(err) != http.StatusGone {
		t.Errorf("status of %v is %d", err, StatusOf(err))
	}
	if _, ok := Redirected(err); ok || StatusOf(errors.New("other")) != 0 {
		t.Error("no redirect, no status")
	}
}
