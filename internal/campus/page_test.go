package campus

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// get asks a campus and returns the answer, its links by relation included.
func get(t *testing.T, c *Campus, token, path string) (code int, links map[string]string, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "canvas.test"
	r.Header.Set("Authorization", "Bearer "+token)
	c.Handler().ServeHTTP(w, r)
	links = map[string]string{}
	for _, l := range strings.Split(strings.Join(w.Header()["link"], ","), ",<") {
		if u, rel, ok := strings.Cut(strings.TrimPrefix(l, "<"), `>; rel="`); ok {
			links[strings.TrimSuffix(rel, `"`)] = u
		}
	}
	return w.Code, links, w.Body.String()
}

func newCampus(t *testing.T, o Options) (c *Campus, token string) {
	t.Helper()
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Date.IsZero() {
		o.Date = monday
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, c.tokens[0].value
}

func TestLinkHeader(t *testing.T) {
	q := url.Values{
		"page": {"2"}, "per_page": {"500"}, "access_token": {"secret"}, "api_key": {"x"},
		"with_enrollments": {"True"}, "enrollment_type[]": {"student", "teacher"},
	}
	l := newLinker("http://canvas.test/api/v1/accounts/1/courses", q)
	got := l.header(map[string]string{"next": "3", "first": "1", "prev": "1", "current": "2"})
	page := func(n int) string {
		return fmt.Sprintf("<http://canvas.test/api/v1/accounts/1/courses?enrollment_type%%5B%%5D=student&enrollment_type%%5B%%5D=teacher"+
			"&with_enrollments=True&page=%d&per_page=100>", n)
	}
	want := page(2) + `; rel="current",` + page(3) + `; rel="next",` + page(1) + `; rel="prev",` + page(1) + `; rel="first"`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Beyond 6 KB the lesser links vanish, next last of all.
func TestLinkHeaderIsCut(t *testing.T) {
	all := map[string]string{"next": "3", "last": "9", "prev": "1", "current": "2", "first": "1"}
	for _, tt := range []struct {
		length int
		want   string
	}{{100, "current next prev first last"}, {1300, "current next prev last"}, {1900, "next prev last"}, {2900, "next last"}, {4000, "next"}, {7000, ""}} {
		l := newLinker("http://canvas.test/x", url.Values{"search_term": {strings.Repeat("x", tt.length)}})
		got := l.header(all)
		var rels []string
		for _, m := range regexp.MustCompile(`rel="(\w+)"`).FindAllStringSubmatch(got, -1) {
			rels = append(rels, m[1])
		}
		if strings.Join(rels, " ") != tt.want || len(got) > maxLinks {
			t.Errorf("query of %d: %q in %d bytes, want %q", tt.length, rels, len(got), tt.want)
		}
	}
}

func TestOrdinalPages(t *testing.T) {
	c, token := newCampus(t, Options{})
	rows := func(body string) int {
		var list []json.RawMessage
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return len(list)
	}
	_, links, body := get(t, c, token, "/api/v1/accounts/1/courses")
	if rows(body) != 10 || links["next"] != "http://canvas.test/api/v1/accounts/1/courses?page=2&per_page=10" || links["last"] != "" || links["prev"] != "" {
		t.Errorf("first page: %d rows, %v", rows(body), links)
	}
	// All courses but two deleted ones: 48, an exact multiple of 8, ends with an empty page.
	_, links, body = get(t, c, token, "/api/v1/accounts/1/courses?per_page=8&page=6")
	if rows(body) != 8 || links["next"] == "" {
		t.Errorf("full last page: %d rows, %v", rows(body), links)
	}
	_, links, body = get(t, c, token, strings.TrimPrefix(links["next"], "http://canvas.test"))
	if body != "[]" || links["next"] != "" || links["prev"] == "" {
		t.Errorf("extra page: %s, %v", body, links)
	}
	_, links, body = get(t, c, token, "/api/v1/accounts/1/courses?per_page=999")
	if rows(body) != 48 || links["next"] != "" || !strings.HasSuffix(links["current"], "per_page=100") {
		t.Errorf("everything: %d rows, %v", rows(body), links)
	}
	if code, _, body := get(t, c, token, "/api/v1/accounts/1/courses?page=77"); code != 200 || body != "[]" {
		t.Errorf("beyond the end: %d %s", code, body)
	}
	if code, _, _ := get(t, c, token, "/api/v1/accounts/1/courses?page=zero"); code != 404 {
		t.Errorf("invalid page: %d", code)
	}
	// A list that somebody counted names its last page.
	_, links, _ = get(t, c, token, "/api/v1/accounts/1/sub_accounts?recursive=true&per_page=3")
	if !strings.Contains(links["last"], "page=2&") || !strings.Contains(links["next"], "recursive=true&page=2&") {
		t.Errorf("counted list: %v", links)
	}
}

func TestBookmarkPages(t *testing.T) {
	c, token := newCampus(t, Options{})
	var large int64
	for i := range c.model.Courses() {
		if n := len(c.day.Load().Enrollments(i)); n > 200 {
			large = c.day.Load().Course(i).ID
		}
	}
	path := fmt.Sprintf("/api/v1/courses/%d/enrollments?per_page=100&state[]=active&state[]=completed", large)
	seen := map[int64]bool{}
	pages := 0
	first := path
	for path != "" {
		_, links, body := get(t, c, token, path)
		var list []struct {
			ID    int64  `json:"id"`
			State string `json:"enrollment_state"`
		}
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if seen[e.ID] || e.State != "active" && e.State != "completed" {
				t.Errorf("enrollment %d, %s: seen before or not asked for", e.ID, e.State)
			}
			seen[e.ID] = true
		}
		pages++
		if links["prev"] != "" || links["last"] != "" || !strings.Contains(links["first"], "page=first&") {
			t.Errorf("links %v", links)
		}
		path = strings.TrimPrefix(links["next"], "http://canvas.test")
		if path != "" && !strings.Contains(path, "state%5B%5D=active&state%5B%5D=completed&page=bookmark%3AW") {
			t.Errorf("next page %s", path)
		}
	}
	if pages < 3 || len(seen) <= 200 {
		t.Errorf("%d enrollments on %d pages", len(seen), pages)
	}
	_, _, want := get(t, c, token, first)
	if _, _, got := get(t, c, token, first+"&page=bookmark:nonsense"); got != want {
		t.Error("a bad bookmark is not the first page")
	}
	if code, _, _ := get(t, c, token, first+"&page=3"); code != 404 {
		t.Errorf("a page number where bookmarks are used: %d", code)
	}
	// Without states: only active and invited ones.
	_, _, body := get(t, c, token, fmt.Sprintf("/api/v1/courses/%d/enrollments?per_page=100", large))
	if strings.Contains(body, `"enrollment_state":"completed"`) {
		t.Error("completed enrollments without asking for them")
	}
}

// Header names arrive in lower case, which only the raw bytes show.
func TestHeaderNamesAreLowerCase(t *testing.T) {
	c, token := newCampus(t, Options{})
	s := httptest.NewServer(c.Handler())
	defer s.Close()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /api/v1/accounts/1/courses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", token)
	names := map[string]bool{}
	for scan := bufio.NewScanner(conn); scan.Scan() && scan.Text() != ""; {
		name, _, _ := strings.Cut(scan.Text(), ":")
		names[name] = true
	}
	for _, name := range []string{"link", "content-type", "x-request-cost", "x-rate-limit-remaining"} {
		if !names[name] {
			t.Errorf("no header %s in %v", name, names)
		}
	}
	if names["Content-Type"] {
		t.Error("a second Content-Type")
	}
}

// In profile hostile the second page begins with the last row of the first, nothing is
// missing, and an empty page may follow.
func TestShiftingPages(t *testing.T) {
	c, token := newCampus(t, Options{Profile: Hostile, Stall: 1})
	counts := map[int64]int{}
	path := "/api/v1/accounts/1/courses?per_page=9"
	for try := 0; path != ""; try++ {
		code, links, body := get2(t, c, token, path)
		var list []struct{ ID int64 }
		if code != 200 || json.Unmarshal([]byte(body), &list) != nil {
			continue
		}
		for _, course := range list {
			counts[course.ID]++
		}
		path = strings.TrimPrefix(links["next"], "http://canvas.test")
	}
	twice := 0
	for _, n := range counts {
		twice += n - 1
	}
	if len(counts) != 48 || twice != 1 {
		t.Errorf("%d courses, %d of them twice; want 48 and 1", len(counts), twice)
	}
}

// get2 is get for servers that may tear the connection.
func get2(t *testing.T, c *Campus, token, path string) (code int, links map[string]string, body string) {
	t.Helper()
	defer func() {
		if recover() != nil {
			code = 0
		}
	}()
	return get(t, c, token, path)
}

func TestStringIDs(t *testing.T) {
	in := `{"id":17700000000123456,"user_ids":[1,2],"links":{"course":7},"x":{"account_id":3,"idle":4},"n":null,"term_id":null}`
	want := `{"id":"17700000000123456","links":{"course":7},"n":null,"term_id":null,"user_ids":["1","2"],"x":{"account_id":"3","idle":4}}`
	if diff := cmp.Diff(want, string(stringIDs([]byte(in)))); diff != "" {
		t.Error(diff)
	}
}
