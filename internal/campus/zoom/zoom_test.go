package zoom

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// launch is what Canvas knows when it opens the tool.
type launch struct {
	URL      string // of the tool
	Key      string
	Secret   string
	CourseID int64
	Domain   string // host of Canvas
	UserID   int64  // of the token's user
	Nonce    string // used once
	At       time.Time
}

// form returns the signed fields that the browser posts to the tool, the signature among
// them. Some are empty or hold markup, as real ones do.
func (l launch) form() url.Values {
	f := url.Values{}
	for name, v := range map[string]string{
		"lti_message_type":                       "basic-lti-launch-request",
		"lti_version":                            "LTI-1p0",
		"resource_link_id":                       fmt.Sprintf("%040x", l.CourseID),
		"resource_link_title":                    "Zoom & \"more\" <Meetings>",
		"context_id":                             fmt.Sprintf("%040x", 7*l.CourseID),
		"context_label":                          "",
		"context_title":                          "Ünïts + 100% é",
		"user_id":                                fmt.Sprintf("%040x", l.UserID),
		"roles":                                  "Instructor,urn:lti:instrole:ims/lis/Administrator",
		"custom_canvas_api_domain":               l.Domain,
		"custom_canvas_course_id":                strconv.FormatInt(l.CourseID, 10),
		"custom_canvas_user_id":                  strconv.FormatInt(l.UserID, 10),
		"custom_canvas_user_loginid":             "reader",
		"ext_roles":                              "urn:lti:sysrole:ims/lis/User",
		"launch_presentation_document_target":    "iframe",
		"launch_presentation_locale":             "en",
		"launch_presentation_return_url":         "https://" + l.Domain + "/courses/" + strconv.FormatInt(l.CourseID, 10) + "/external_content/success/external_tool_redirect",
		"tool_consumer_info_product_family_code": "canvas",
		"tool_consumer_info_version":             "cloud",
		"tool_consumer_instance_guid":            "campus." + l.Domain,
		"tool_consumer_instance_name":            "Campus University",
		"oauth_callback":                         "about:blank",
		"oauth_consumer_key":                     l.Key,
		"oauth_nonce":                            l.Nonce,
		"oauth_signature_method":                 "HMAC-SHA1",
		"oauth_timestamp":                        strconv.FormatInt(l.At.Unix(), 10),
		"oauth_version":                          "1.0",
	} {
		f.Set(name, v)
	}
	f.Set("oauth_signature", sign(l.URL, f, l.Secret))
	return f
}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// reader is a person's browser.
type reader struct {
	t      *testing.T
	client *http.Client
	base   string
	scid   string
	token  string
	page   string
}

// open serves courses and opens one of them.
func open(t *testing.T, course int64, c Course, change func(url.Values)) *reader {
	t.Helper()
	s, err := New(Options{
		Key: "key", Secret: "sec ret", Prefix: "/zoom", Now: func() time.Time { return noon },
		Course: func(id int64) Course {
			if id != course {
				return Course{}
			}
			return c
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, client: &http.Client{Jar: jar}, base: h.URL + "/zoom"}
	form := launch{
		URL: r.base + "/lti/rich", Key: "key", Secret: "sec ret", CourseID: course, Domain: "canvas.example.edu", UserID: 5, Nonce: "n", At: noon,
	}.form()
	if change != nil {
		change(form)
	}
	resp, err := r.client.PostForm(r.base+"/lti/rich", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("launch: %s, %v", resp.Status, err)
	}
	r.page = string(page)
	// As the original program reads the page.
	if m := regexp.MustCompile(`scid.*"(.*)"`).FindStringSubmatch(r.page); m != nil {
		r.scid = m[1]
	}
	if m := regexp.MustCompile(`X-XSRF-TOKEN.*"(.*)"`).FindStringSubmatch(r.page); m != nil {
		r.token = m[1]
	}
	return r
}

// get asks for a page of a list; text is the whole answer.
func (r *reader) get(list string, page int, zone string) (e envelope, text string) {
	r.t.Helper()
	q := url.Values{"page": {fmt.Sprint(page)}, "lti_scid": {r.scid}, "total": {"0"}, "storage_timezone": {"America/Montreal"}, "client_timezone": {zone}}
	req, err := http.NewRequest(http.MethodGet, r.base+"/api/v1/lti/rich/meeting/"+list+"/COURSE/all?"+q.Encode(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("X-XSRF-TOKEN", r.token)
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = json.Unmarshal(body, &e) // some answers are no JSON
	return e, string(body)
}

// meetings returns n meetings, an hour apart from 05:30 UTC on the day the clocks in Detroit go back.
func meetings(n int) []Meeting {
	var all []Meeting
	for i := range n {
		all = append(all, Meeting{
			ID: fmt.Sprintf("a/b+%d==", i), Number: 98_765_432_100 + int64(i), HostID: "h", Topic: "t", TimeZone: "America/Detroit",
			Start: time.Date(2026, 11, 1, 5, 30, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour),
		})
	}
	return all
}

func TestPages(t *testing.T) {
	r := open(t, 12, Course{Meetings: meetings(23), Coming: meetings(2)}, nil)
	if len(r.scid) != 64 || r.token == "" {
		t.Fatalf("scid %q, token %q in %s", r.scid, r.token, r.page)
	}
	var ids []string
	for page := 1; page <= 3; page++ {
		e, text := r.get("history", page, "America/Detroit")
		if !e.Status || e.Result == nil || e.Result.Total != 23 || e.Result.PageSize != 10 {
			t.Fatalf("page %d: %s", page, text)
		}
		for _, m := range e.Result.List {
			ids = append(ids, m.MeetingID)
		}
	}
	if len(ids) != 23 || ids[0] != "a/b+22==" || ids[22] != "a/b+0==" {
		t.Errorf("meetings: %v", ids)
	}
	if e, text := r.get("history", 4, "America/Detroit"); !e.Status || len(e.Result.List) != 0 || !strings.Contains(text, `"list":[]`) {
		t.Errorf("page behind the last: %s", text)
	}
	if e, text := r.get("upComing", 1, "UTC"); e.Result == nil || e.Result.Total != 2 {
		t.Errorf("coming meetings: %s", text)
	}
}

func TestStartTimesAreInTheCallersZone(t *testing.T) {
	r := open(t, 12, Course{Meetings: meetings(2)}, nil)
	for zone, want := range map[string][2]string{
		"America/Detroit": {"2026-11-01 01:30:00", "2026-11-01 01:30:00"}, // the same hour twice
		"UTC":             {"2026-11-01 06:30:00", "2026-11-01 05:30:00"},
	} {
		e, text := r.get("history", 1, zone)
		if e.Result == nil || e.Result.List[0].StartTime != want[0] || e.Result.List[1].StartTime != want[1] {
			t.Errorf("%s: %s", zone, text)
		}
	}
	if e, text := r.get("history", 1, "Mars/Olympus"); e.Status || e.ErrorMessage == nil {
		t.Errorf("unknown zone: %s", text)
	}
}

func TestFailures(t *testing.T) {
	for f, want := range map[Failure]string{
		Refused: `{"status":false,"errorCode":3000`, NoResult: `{"status":true,"errorCode":0,"errorMessage":null}`,
		LoginPage: "<!DOCTYPE html>", Outage: "<!DOCTYPE html>",
	} {
		r := open(t, 12, Course{Meetings: meetings(11), Failure: f}, nil)
		if _, text := r.get("history", 1, "UTC"); !strings.HasPrefix(text, want) {
			t.Errorf("%s: %s", f, text)
		}
	}
	r := open(t, 12, Course{Meetings: meetings(11), Failure: RefusedEnd}, nil)
	first, _ := r.get("history", 1, "UTC")
	if last, _ := r.get("history", 2, "UTC"); !first.Status || last.Status {
		t.Errorf("refused at the end: %v, then %v", first, last)
	}
	if r := open(t, 12, Course{Failure: NoScid}, nil); r.scid != "" || r.token == "" {
		t.Errorf("no scid: %s", r.page)
	}
	if r := open(t, 12, Course{Failure: NoToken}, nil); r.scid == "" || r.token != "" {
		t.Errorf("no token: %s", r.page)
	}
}

func TestCredentials(t *testing.T) {
	for name, spoil := range map[string]func(*reader){
		"scid":    func(r *reader) { r.scid = strings.Repeat("0", 64) },
		"token":   func(r *reader) { r.token = "x" },
		"cookies": func(r *reader) { r.client.Jar = nil },
	} {
		r := open(t, 12, Course{Meetings: meetings(1)}, nil)
		spoil(r)
		if e, text := r.get("history", 1, "UTC"); e.Status || e.Result != nil || e.ErrorMessage == nil {
			t.Errorf("wrong %s: %s", name, text)
		}
	}
}

func TestLaunches(t *testing.T) {
	for name, change := range map[string]func(url.Values){
		"field left out":   func(f url.Values) { f.Del("context_label") },
		"field changed":    func(f url.Values) { f.Set("context_title", "Units") },
		"course changed":   func(f url.Values) { f.Set("custom_canvas_course_id", "13") },
		"field added":      func(f url.Values) { f.Set("commit", "Load") },
		"without user":     func(f url.Values) { f.Del("user_id") },
		"other consumer":   func(f url.Values) { f.Set("oauth_consumer_key", "other") },
		"too late":         func(f url.Values) { f.Set("oauth_timestamp", fmt.Sprint(noon.Add(-6*time.Minute).Unix())) },
		"without a number": func(f url.Values) { f.Set("oauth_timestamp", "soon") },
	} {
		if r := open(t, 12, Course{}, change); r.scid != "" || r.token != "" || !strings.Contains(r.page, `class="error"`) {
			t.Errorf("%s: %s", name, r.page)
		}
	}
	if r := open(t, 17_700_000_000_000_012, Course{Meetings: meetings(1)}, nil); true {
		if e, text := r.get("previous", 1, "UTC"); e.Result == nil || e.Result.Total != 1 {
			t.Errorf("course on another shard: %s", text)
		}
	}
}
