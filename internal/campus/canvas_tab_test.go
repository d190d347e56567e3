package campus

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// zoomTabOf returns the tab of the first published course whose Zoom is opened in that way.
func zoomTabOf(t *testing.T, c *Campus, token string, how university.Launch) (tab map[string]any, course int64) {
	t.Helper()
	day := c.day.Load()
	for i := range c.model.Courses() {
		for _, want := range day.Tabs(i) {
			if day.State(i) != university.StateAvailable || want.Tool == nil || !want.Tool.Zoom || want.Tool.Launch != how {
				continue
			}
			id := day.Course(i).ID
			var tabs []map[string]any
			if _, _, body := get(t, c, token, fmt.Sprintf("/api/v1/courses/%d/tabs", id)); json.Unmarshal([]byte(body), &tabs) != nil {
				t.Fatalf("tabs of course %d: %s", id, body)
			}
			for _, tab := range tabs {
				if tab["id"] == want.ID {
					return tab, id
				}
			}
		}
	}
	t.Fatalf("no course opens Zoom by %s", how)
	return nil, 0
}

func TestTabs(t *testing.T) {
	c, token := newCampus(t, Options{Courses: 60})
	seen := map[string]int{}
	for i := range c.model.Courses() {
		course := c.day.Load().Course(i)
		code, links, body := get(t, c, token, fmt.Sprintf("/api/v1/courses/%d/tabs", course.ID))
		if course.State == university.StateDeleted {
			if code != http.StatusNotFound {
				t.Errorf("tabs of a deleted course: %d", code)
			}
			continue
		}
		if code != http.StatusOK || len(links) != 0 {
			t.Fatalf("tabs: %d %v", code, links)
		}
		var tabs []map[string]any
		if err := json.Unmarshal([]byte(body), &tabs); err != nil {
			t.Fatal(err)
		}
		for k, tab := range tabs {
			_, hasURL := tab["url"]
			switch {
			case tab["position"] != float64(k+1):
				t.Errorf("position %v at %d", tab["position"], k)
			case tab["hidden"] == false || tab["unused"] == false:
				t.Errorf("hidden or unused is shown although false: %v", tab)
			case hasURL != (tab["type"] == "external"):
				t.Errorf("url of %v", tab)
			}
			if hasURL {
				seen[fmt.Sprint(tab["label"])]++
			}
			if tab["hidden"] == true {
				seen["hidden"]++
			}
		}
	}
	for _, label := range []string{"Zoom", "ZOOM", "zoom", "Zoom Meetings", "BlueJeans", "Lecture Capture", "hidden"} {
		if seen[label] == 0 {
			t.Errorf("no tab is %s", label)
		}
	}
}

func TestLaunch(t *testing.T) {
	c, token := newCampus(t, Options{Courses: 60})
	open := func(how university.Launch) (link string) {
		t.Helper()
		tab, _ := zoomTabOf(t, c, token, how)
		_, _, body := get(t, c, token, tab["url"].(string))
		var launch struct {
			URL string `json:"url"`
		}
		if err := json.Unmarshal([]byte(body), &launch); err != nil || launch.URL == "" {
			t.Fatalf("launch: %s", body)
		}
		return launch.URL
	}
	link := open(university.LaunchForm)
	if !regexp.MustCompile(`^http://canvas\.test/courses/\d+/external_tools/sessionless_launch\?verifier=[0-9a-f]{128}$`).MatchString(link) {
		t.Errorf("link %s", link)
	}
	code, _, body := get(t, c, "", link) // no token
	if code != http.StatusOK || !strings.Contains(body, `<form action="http://canvas.test/zoom/lti/rich"`) || !strings.Contains(body, "Robin O&#39;Report &amp; Co") {
		t.Errorf("launch page: %d %s", code, body)
	}
	if code, _, body = get(t, c, "", link); code != http.StatusNotFound || !strings.Contains(body, "Cannot locate launch request") {
		t.Errorf("second look: %d %s", code, body)
	}
	c.launches.life = time.Nanosecond
	if code, _, _ = get(t, c, "", open(university.LaunchForm)); code != http.StatusNotFound {
		t.Errorf("expired launch: %d", code)
	}
	c.launches.life = 0
	if _, _, body = get(t, c, "", open(university.LaunchNoForm)); strings.Contains(body, "<form") {
		t.Errorf("page of a broken tool: %s", body)
	}
	if code, _, _ = get(t, c, "", open(university.LaunchLogin)); code != http.StatusFound {
		t.Errorf("login: %d", code)
	}
}

// TestLaunchSignature checks that the form is signed for where it goes.
func TestLaunchSignature(t *testing.T) {
	c, token := newCampus(t, Options{Courses: 60, ZoomURL: "https://zoom.example.net"})
	tab, course := zoomTabOf(t, c, token, university.LaunchForm)
	_, _, body := get(t, c, token, tab["url"].(string))
	var launch struct{ URL string }
	if err := json.Unmarshal([]byte(body), &launch); err != nil {
		t.Fatal(err)
	}
	_, _, page := get(t, c, "", launch.URL)
	fields := map[string][]string{}
	for _, m := range regexp.MustCompile(`name="([^"]+)" id="[^"]+" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		fields[m[1]] = []string{html.UnescapeString(m[2])}
	}
	if got, want := fields["oauth_signature"][0], signature("https://zoom.example.net/lti/rich", fields); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	if got := fields["custom_canvas_course_id"][0]; got != fmt.Sprint(course) {
		t.Errorf("course %s, want %d", got, course)
	}
}

func TestLaunchRefusals(t *testing.T) {
	c, token := newCampus(t, Options{Courses: 60, Breaks: []Break{{Prefix: "/courses/", Status: 503}}})
	tab, course := zoomTabOf(t, c, token, university.LaunchForm)
	base := fmt.Sprintf("/api/v1/courses/%d/external_tools/sessionless_launch", course)
	if code, _, _ := get(t, c, token, base); code != http.StatusBadRequest {
		t.Errorf("no tool named: %d", code)
	}
	if code, _, _ := get(t, c, token, base+"?id=1&launch_type=course_navigation"); code != http.StatusFound {
		t.Errorf("unknown tool: %d", code)
	}
	if code, _, _ := get(t, c, "", tab["url"].(string)); code != http.StatusUnauthorized {
		t.Errorf("launch without a token: %d", code)
	}
	if code, _, _ := get(t, c, "", "/courses/1/external_tools/sessionless_launch?verifier=x"); code != http.StatusServiceUnavailable {
		t.Errorf("broken server: %d", code)
	}
}
