package campus_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// TestLoginLaunch follows the launches of an LTI 1.3 tool as far as a browser without scripts gets.
func TestLoginLaunch(t *testing.T) {
	s := campustest.Start(t, campus.Options{Seed: 2, Courses: 100, Date: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), ZoomURL: "https://zoom.example.net"})
	day, err := s.University().On(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	ends := map[string]int{}
	for i := range s.University().Courses() {
		for _, tab := range day.Tabs(i) {
			if tab.Tool == nil || tab.Tool.Launch != university.LaunchLogin || day.State(i) == university.StateDeleted {
				continue
			}
			jar, _ := cookiejar.New(nil)
			client := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
				if "http://"+r.URL.Host != s.CanvasURL {
					return http.ErrUseLastResponse
				}
				return nil
			}}
			ask := func(url, token string) (*http.Response, string) {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
				if err != nil {
					t.Fatal(err)
				}
				if token != "" {
					r.Header.Set("Authorization", "Bearer "+token)
				}
				resp, err := client.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				return resp, string(body)
			}
			var launch struct{ URL string }
			_, body := ask(fmt.Sprintf("%s/api/v1/courses/%d/external_tools/sessionless_launch?id=%d", s.CanvasURL, day.Course(i).ID, tab.Tool.ID), s.CanvasToken)
			if err := json.Unmarshal([]byte(body), &launch); err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			switch resp, body := ask(launch.URL, ""); {
			case resp.StatusCode == http.StatusFound && strings.Contains(resp.Header.Get("Location"), "login_hint="):
				ends["redirect"]++
			case resp.StatusCode == http.StatusOK && strings.Contains(body, `name="login_hint"`):
				ends["form"]++
			default:
				t.Errorf("course %d ends at %d %s", day.Course(i).ID, resp.StatusCode, body)
			}
		}
	}
	if ends["redirect"] == 0 || ends["form"] == 0 {
		t.Errorf("launches end at %v", ends)
	}
}
