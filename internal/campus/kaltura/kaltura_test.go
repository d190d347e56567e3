package kaltura

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const secret = "open-sesame"

var noon = time.Date(2026, 9, 10, 12, 0, 0, 0, time.UTC)

// clip returns a READY video that was created some seconds after noon.
func clip(id string, after int, categories ...string) Entry {
	at := noon.Add(time.Duration(after) * time.Second)
	return Entry{
		ID: id, Name: "Lecture " + id, UserID: "u", Status: StatusReady, Moderation: ModerationAutoApproved, Type: TypeClip,
		MediaType: MediaVideo, CreatedAt: at, UpdatedAt: at, Duration: 60, Categories: categories,
	}
}

// serve starts a server; the caller changes the options.
func serve(t *testing.T, entries []Entry, change func(*Options)) string {
	t.Helper()
	o := Options{Secret: secret, Entries: func() []Entry { return entries }, Now: func() time.Time { return noon }}
	if change != nil {
		change(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return h.URL
}

// post sends a body of a content type and returns the text of the answer.
func post(t *testing.T, target, kind, body string) (string, http.Header) {
	t.Helper()
	resp, err := http.Post(target, kind, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d: everything travels with 200", resp.StatusCode)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), resp.Header
}

func login(t *testing.T, base string) string {
	t.Helper()
	text, _ := post(t, base+"/api_v3/service/session/action/start", "application/json",
		`{"secret":"`+secret+`","partnerId":"1038472","type":"2","userId":"","expiry":"86400","format":"1"}`)
	var ks string
	if err := json.Unmarshal([]byte(text), &ks); err != nil || ks == "" {
		t.Fatalf("session.start: %q, %v", text, err)
	}
	return ks
}

type answer struct {
	TotalCount int
	Objects    []map[string]any
	ObjectType string
	Code       string
	Message    string
}

func (a answer) ids() string {
	var ids []string
	for _, o := range a.Objects {
		ids = append(ids, o["id"].(string))
	}
	return strings.Join(ids, " ")
}

// list calls media.list with a filter and pager given as JSON.
func list(t *testing.T, base, ks, filter, pager string) answer {
	t.Helper()
	text, _ := post(t, base+"/api_v3/service/media/action/list", "application/json",
		`{"ks":"`+ks+`","format":1,"filter":`+filter+`,"pager":`+pager+`}`)
	var a answer
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return a
}

func TestSessions(t *testing.T) {
	base := serve(t, nil, func(o *Options) { o.ExpireAfter = 2 })
	for body, want := range map[string]string{
		`{"secret":"wrong","partnerId":1038472,"format":1}`:       "START_SESSION_ERROR",
		`{"secret":"` + secret + `","partnerId":7,"format":1}`:    "START_SESSION_ERROR",
		`{"secret":"` + secret + `","format":1}`:                  "MISSING_MANDATORY_PARAMETER",
		`[{"secret":"` + secret + `","partnerId":1,"format":1} ]`: "MISSING_MANDATORY_PARAMETER",
	} {
		text, _ := post(t, base+"/api_v3/service/session/action/start?format=1", "application/json", body)
		if !strings.Contains(text, `"code":"`+want+`"`) || !strings.Contains(text, `"objectType":"KalturaAPIException"`) {
			t.Errorf("%s: %s, want %s", body, text, want)
		}
	}
	if a := list(t, base, "", `{}`, `{}`); a.Code != "MISSING_KS" {
		t.Errorf("without KS: %+v", a)
	}
	if a := list(t, base, "nonsense", `{}`, `{}`); a.Code != "INVALID_KS" || !strings.Contains(a.Message, "-1,INVALID_STR") {
		t.Errorf("nonsense: %+v", a)
	}
	ks := login(t, base)
	for i, want := range []string{"", "", "INVALID_KS"} {
		if a := list(t, base, ks, `{}`, `{}`); a.Code != want || want != "" && !strings.Contains(a.Message, `Error "-5,EXPIRED"`) {
			t.Errorf("call %d: %+v, want %q", i+1, a, want)
		}
	}
	if a := list(t, base, login(t, base), `{}`, `{}`); a.Code != "" {
		t.Errorf("new session: %+v", a)
	}
}

func TestSessionsEndInTime(t *testing.T) {
	now := noon
	base := serve(t, nil, func(o *Options) { o.Now = func() time.Time { return now }; o.MaxExpiry = time.Hour })
	ks := login(t, base)
	now = noon.Add(59 * time.Minute)
	if a := list(t, base, ks, `{}`, `{}`); a.Code != "" {
		t.Errorf("before the partner's limit: %+v", a)
	}
	now = noon.Add(time.Hour)
	if a := list(t, base, ks, `{}`, `{}`); a.Code != "INVALID_KS" {
		t.Errorf("after the partner's limit: %+v", a)
	}
}

func TestForms(t *testing.T) {
	base := serve(t, []Entry{clip("1_a", 0), clip("1_b", 1), clip("1_c", 2)}, nil)
	ks := login(t, base)
	target := base + "/api_v3/service/media/action/list"
	form := url.Values{"ks": {ks}, "format": {"1"}, "filter:idIn": {"1_a,1_b"}, "filter:orderBy": {"+createdAt"}, "pager:pageSize": {"1.0"}}
	body := `{"ks":"` + ks + `","format":"1","filter":{"idIn":"1_a"}}`
	for name, tc := range map[string]struct{ url, kind, body, want, not string }{
		"form":                 {target, "application/x-www-form-urlencoded", form.Encode(), `"id":"1_a"`, `"1_b"`},
		"form with charset":    {target, "application/x-www-form-urlencoded; charset=utf-8", form.Encode(), `"totalCount":2`, ""},
		"URL wins":             {target + "?filter:idIn=1_c", "application/json", body, `"id":"1_c"`, `"1_a"`},
		"path wins":            {target + "/format/2", "application/json", body, "<totalCount>1</totalCount>", "{"},
		"JSON with charset":    {target, "application/json; charset=utf-8", body, "MISSING_KS", "1_a"},
		"XML is the default":   {target, "application/x-www-form-urlencoded", "ks=" + url.QueryEscape(ks), "<xml><result><totalCount>3", ""},
		"JSONP":                {target + "?format=9&callback=f", "application/json", body, `f({"totalCount":1`, ""},
		"service in the query": {base + "/api_v3/index.php?service=media&action=count", "application/json", body, `"1"`, ""},
	} {
		text, header := post(t, tc.url, tc.kind, tc.body)
		if !strings.Contains(text, tc.want) || tc.not != "" && strings.Contains(text, tc.not) {
			t.Errorf("%s: %s", name, text)
		}
		if header.Get("X-Kaltura-Session") == "" {
			t.Errorf("%s: no X-Kaltura-Session", name)
		}
	}
}

func TestFilters(t *testing.T) {
	pending, recycled, moderated, image := clip("0_p", 3), clip("0_r", 3), clip("0_m", 3), clip("0_i", 4)
	pending.Status, recycled.Recycled, moderated.Moderation, image.Type = StatusPreconvert, true, ModerationRejected, TypeData
	hidden := clip("1_h", 5)
	hidden.Hidden = []string{"U>site>channels>9"}
	entries := []Entry{
		clip("1_a", 0, "U>site>channels>12>InContext"), clip("1_b", 1, "U"), clip("1_c", 2, "U2>site"), pending, recycled, moderated, image, hidden,
	}
	base := serve(t, entries, nil)
	ks := login(t, base)
	at := func(after int64) string { return fmt.Sprint(noon.Unix() + after) }
	for name, tc := range map[string]struct{ filter, want string }{
		"defaults":             {``, "1_a 1_b 1_c 1_h"},
		"from is inclusive":    {`"createdAtGreaterThanOrEqual":"` + at(1) + `.0"`, "1_b 1_c 1_h"},
		"to is inclusive":      {`"createdAtLessThanOrEqual":` + at(1), "1_a 1_b"},
		"small is relative":    {`"createdAtGreaterThanOrEqual":2`, "1_c 1_h"},
		"negative is relative": {`"createdAtLessThanOrEqual":-1`, ""},
		"limit of relative":    {`"createdAtGreaterThanOrEqual":315360000`, ""},
		"beyond relative":      {`"createdAtGreaterThanOrEqual":315360001`, "1_a 1_b 1_c 1_h"},
		"status":               {`"statusIn":"1,2"`, "1_a 1_b 1_c 0_p 1_h"},
		"not these":            {`"idNotIn":"1_a, 1_h"`, "1_b 1_c"},
		"category":             {`"categoriesFullNameIn":"U"`, "1_a 1_b 1_h"},
		"below a category":     {`"categoriesFullNameIn":"U>"`, "1_a 1_h"},
		"two categories":       {`"categoriesFullNameIn":"U>site>channels>12,U2>site"`, "1_a 1_c"},
		"unknown category":     {`"categoriesFullNameIn":"Nowhere"`, ""},
		"null is no filter":    {`"createdAtLessThanOrEqual":null`, "1_a 1_b 1_c 1_h"},
	} {
		filter := `{"orderBy":"+createdAt","objectType":"KalturaMediaEntryFilter"`
		if tc.filter != "" {
			filter += "," + tc.filter
		}
		if got := list(t, base, ks, filter+"}", `{}`).ids(); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
	if a := list(t, base, ks, `{"tagsLike":"x"}`, `{}`); a.Code != "SIMULATION_UNSUPPORTED" {
		t.Errorf("unknown filter: %+v", a)
	}
	for _, o := range list(t, base, ks, `{}`, `{}`).Objects {
		if _, there := o["description"]; there {
			t.Errorf("null member in JSON: %v", o)
		}
		if _, there := o["categories"]; there && o["id"] == "1_h" {
			t.Errorf("category with a privacy context is shown: %v", o)
		}
	}
}

func TestPager(t *testing.T) {
	var entries []Entry
	for i := range 11_000 {
		entries = append(entries, clip(fmt.Sprintf("1_%05d", i), i/7))
	}
	base := serve(t, entries, nil)
	ks := login(t, base)
	const ascending = `{"orderBy":"+createdAt"}`
	for name, tc := range map[string]struct {
		pager string
		want  int
		code  string
	}{
		"default size":   {`{}`, 30, ""},
		"clamped":        {`{"pageSize":501}`, 500, ""},
		"negative":       {`{"pageSize":-3}`, 0, ""},
		"page 0 is 1":    {`{"pageSize":5,"pageIndex":0}`, 5, ""},
		"page 20":        {`{"pageSize":"500","pageIndex":"20"}`, 500, ""},
		"page 21":        {`{"pageSize":500,"pageIndex":21}`, 0, "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED"},
		"last before it": {`{"pageSize":300,"pageIndex":34}`, 300, ""},
	} {
		a := list(t, base, ks, ascending, tc.pager)
		if len(a.Objects) != tc.want || a.Code != tc.code || a.Code == "" && a.TotalCount != len(entries) {
			t.Errorf("%s: %d objects of %d, code %q", name, len(a.Objects), a.TotalCount, a.Code)
		}
	}
	orders := map[string]bool{}
	for range 20 {
		a := list(t, base, ks, ascending, `{"pageSize":7}`)
		orders[a.ids()] = true
		if ids := strings.Fields(a.ids()); len(ids) != 7 || slices.Max(ids) != "1_00006" {
			t.Errorf("first second: %s", a.ids())
		}
	}
	if len(orders) < 2 {
		t.Error("entries of one second always come in the same order")
	}
}

func TestUnkindness(t *testing.T) {
	entries := []Entry{clip("1_a", 0)}
	for name, tc := range map[string]struct {
		change func(*Options)
		want   string
		header string
	}{
		"rate limit":           {func(o *Options) { o.BlockEvery = 2 }, `{"code":"ACTION_BLOCKED"`, ""},
		"rate limit, as text":  {func(o *Options) { o.BlockEvery, o.PlainBlock = 2, true }, "Access to media->list was rate limited", "cached-dispatcher"},
		"hard failure":         {func(o *Options) { o.FailEvery = 2 }, "", "error-6"},
		"numbers sent as text": {func(o *Options) { o.TextNumbers = true }, `{"totalCount":"1"`, ""},
	} {
		base := serve(t, entries, tc.change)
		target, body := base+"/api_v3/service/media/action/list", `{"format":1,"ks":"`+login(t, base)+`"}`
		post(t, target, "application/json", body)
		text, header := post(t, target, "application/json", body)
		if !strings.HasPrefix(text, tc.want) || tc.want == "" && text != "" || header.Get("X-Kaltura") != tc.header {
			t.Errorf("%s: %q, X-Kaltura %q", name, text, header.Get("X-Kaltura"))
		}
	}
}

func TestXML(t *testing.T) {
	odd := clip("1_a", 0)
	odd.Name = "a <b> & \"c\" \x01 𝔘"
	base := serve(t, []Entry{odd}, nil)
	text, _ := post(t, base+"/api_v3/service/media/action/list", "application/json", `{"ks":"`+login(t, base)+`"}`)
	if !strings.Contains(text, "<description/>") {
		t.Error("null members must stand in XML")
	}
	dec := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	text, _ = post(t, base+"/api_v3/service/media/action/list", "application/json", `{}`)
	if !strings.HasPrefix(text, `<?xml version="1.0" encoding="utf-8"?><xml><result><error><code>MISSING_KS</code><message>`) {
		t.Error(text)
	}
}
