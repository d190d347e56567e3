package zoom

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const (
	secretToken    = "the-canvas-token"
	secretVerifier = "deadbeefdeadbeef"
	secretSCID     = "0badc0de0badc0de"
	secretXSRF     = "xsrf-for-nobody"
	person         = "robin@campus.example.edu"
)

// world is Canvas and Zoom as a test wants them. Course 1 works; course 2 does what the test says.
type world struct {
	canvas, zoom, elsewhere *httptest.Server

	launch func(w http.ResponseWriter, r *http.Request) // of course 2; nil for what works
	page   func(w http.ResponseWriter, r *http.Request)
	enter  func(w http.ResponseWriter, r *http.Request)
	list   func(w http.ResponseWriter, r *http.Request, page int)

	mu    sync.Mutex
	count map[string]int // requests by what they are for
	wrong []string       // what must not happen
}

func newWorld(t *testing.T) *world {
	w := &world{count: map[string]int{}}
	w.canvas = httptest.NewServer(http.HandlerFunc(w.serveCanvas))
	w.zoom = httptest.NewServer(http.HandlerFunc(w.serveZoom))
	w.elsewhere = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { w.fail("%s %s was sent elsewhere", r.Method, r.URL) }))
	t.Cleanup(w.canvas.Close)
	t.Cleanup(w.zoom.Close)
	t.Cleanup(w.elsewhere.Close)
	return w
}

func (w *world) fail(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf(format, args...))
}

func (w *world) add(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count[what]++
}

func form2(action, course string) string {
	return fmt.Sprintf(`<form action="%s" method="post"><input name="oauth_consumer_key" value="k"><input name="course" value="%s">`+
		`<input name="lis_person_contact_email_primary" value="%s"></form>`, action, course, person)
}

func (w *world) serveCanvas(rw http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/")
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.add("launch " + parts[4])
		if r.Header.Get("Authorization") != "Bearer "+secretToken {
			w.fail("launch without the token")
		}
		if parts[4] == "2" && w.launch != nil {
			w.launch(rw, r)
			return
		}
		fmt.Fprintf(rw, `{"id":25194,"url":"%s/courses/%s/external_tools/sessionless_launch?verifier=%s"}`, w.canvas.URL, parts[4], secretVerifier)
		return
	}
	w.add("page " + parts[2])
	if r.Header.Get("Authorization") != "" {
		w.fail("the token was sent to a page")
	}
	if parts[2] == "2" && w.page != nil {
		w.page(rw, r)
		return
	}
	_, _ = rw.Write([]byte(form2(w.zoom.URL+"/lti/rich", parts[2])))
}

func (w *world) serveZoom(rw http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		w.fail("Canvas' token was sent to Zoom")
	}
	if r.Method == http.MethodPost {
		_ = r.ParseForm()
		course := r.PostForm.Get("course")
		w.add("enter " + course)
		if len(r.Cookies()) > 0 {
			w.fail("a launch brings cookies: %v", r.Cookies())
		}
		http.SetCookie(rw, &http.Cookie{Name: "session", Value: course, Path: "/"})
		if course == "2" && w.enter != nil {
			w.enter(rw, r)
			return
		}
		fmt.Fprintf(rw, `scid:"%s" {key:"X-XSRF-TOKEN", value:"%s"}`, secretSCID, secretXSRF)
		return
	}
	cookie, err := r.Cookie("session")
	if err != nil || r.Header.Get("X-XSRF-TOKEN") != secretXSRF || r.URL.Query().Get("lti_scid") != secretSCID {
		w.fail("list without session: %v", r.URL)
		return
	}
	w.add("list " + cookie.Value)
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	if cookie.Value == "2" && w.list != nil {
		w.list(rw, r, page)
		return
	}
	_, _ = rw.Write([]byte(result(1, 10, item("m1"))))
}

func item(id string) string {
	return fmt.Sprintf(`{"meetingId":%q,"meetingNumber":91234567890,"hostId":"h","topic":"Robin's room","joinUrl":"https://z/j/1?pwd=x","startTime":"2026-02-01 10:00:00","status":0}`, id)
}

func result(total, size int, items ...string) string {
	return fmt.Sprintf(`{"status":true,"errorCode":0,"errorMessage":null,"result":{"total":%d,"pageSize":%d,"list":[%s]}}`, total, size, strings.Join(items, ","))
}

func say(text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

func sayList(pages ...string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, page int) {
		_, _ = w.Write([]byte(pages[min(page, len(pages))-1]))
	}
}

func (w *world) run(t *testing.T, courses ...int64) (rows []Meeting, notes, log string, err error) {
	t.Helper()
	l := extracttest.Lake(t)
	type row struct {
		CourseID  int64   `parquet:"course_id"`
		TabID     string  `parquet:"tab_id"`
		Label     string  `parquet:"label"`
		Hidden    *bool   `parquet:"hidden,optional"`
		LaunchURL *string `parquet:"launch_url,optional"`
	}
	tabs := &extract.Source{Name: "canvas", Tables: []extract.Table{extract.NewTable("tab", []string{"course_id"}, func(context.Context) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			yes, no := true, false
			for _, c := range courses {
				u := fmt.Sprintf("%s/api/v1/courses/%d/external_tools/sessionless_launch?id=25194&launch_type=course_navigation", w.canvas.URL, c)
				_ = yield(row{c, "context_external_tool_25194", "zOOm", &no, &u}, nil) &&
					yield(row{c, "context_external_tool_1", "Zoom", &yes, &u}, nil) && // hidden
					yield(row{c, "context_external_tool_2", "Zoom Meetings", nil, &u}, nil) && // renamed
					yield(row{c, "zoom", "Zoom", nil, nil}, nil) && // no tool
					yield(row{c, "context_external_tool_x", "Zoom", nil, &u}, nil) // no id
			}
		}
	})}}
	if _, err := extract.Run(t.Context(), l, extracttest.Plan(tabs, now)); err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{MaxReqAttempts: 3, NumAsyncWorkers: 2, Canvas: config.Canvas{
		AccountID: 1, URL: w.canvas.URL, Token: secretToken, ZoomURL: w.zoom.URL,
	}}
	var text bytes.Buffer
	source := openHasty(t, cfg, slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})))
	r, err := extract.Run(t.Context(), l, extracttest.Plan(source, now))
	if err == nil {
		rows = extracttest.Rows[Meeting](t, l, "raw/zoom/meeting", lake.DateOf(now))
	}
	return rows, strings.Join(r.Tables[0].Notes, "\n"), text.String(), err
}

func TestHostile(t *testing.T) {
	unfinished := `<form action="%s/lti/rich" method="post"><input name="oauth_consumer_key" value="k"><input name="co`
	for name, test := range map[string]struct {
		set      func(w *world)
		reason   string // "" for none: the course counts
		meetings int    // of course 2
		launches int    // of course 2
		class    fault.Class
	}{
		"all well":         {set: func(*world) {}, meetings: 1, launches: 1},
		"launch elsewhere": {set: func(w *world) { w.launch = say(`{"url":"` + w.elsewhere.URL + `/x"}`) }, reason: "leads to another server", launches: 1},
		"launch no URL":    {set: func(w *world) { w.launch = say(`{"id":1}`) }, reason: "has no URL", launches: 1},
		"launch odd URL":   {set: func(w *world) { w.launch = say(`{"url":"::%zz"}`) }, reason: "leads to another server", launches: 1},
		"launch odd type":  {set: func(w *world) { w.launch = say(`{"url":[1]}`) }, reason: "unknown form", launches: 3},
		"launch is a page": {set: func(w *world) { w.launch = say(`<html>Course</html>`) }, reason: "no such tool", launches: 3},
		"launch is torn":   {set: func(w *world) { w.launch = say(`{"url":`) }, class: fault.Unavailable, launches: 3},
		"page leaves": {set: func(w *world) {
			w.page = func(rw http.ResponseWriter, r *http.Request) {
				http.Redirect(rw, r, w.elsewhere.URL+"/login?login_hint=x", http.StatusFound)
			}
		}, reason: "LTI 1.3", launches: 1},
		"page is gone":     {set: func(w *world) { w.page = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(404) } }, reason: "status 404", launches: 3},
		"no form":          {set: func(w *world) { w.page = say(`<p>sorry</p>`) }, reason: "no form", launches: 3},
		"not set up":       {set: func(w *world) { w.page = say(`<p>Couldn&#39;t find valid settings for this link</p>`) }, reason: "no form", launches: 1},
		"another form":     {set: func(w *world) { w.page = say(`<form action="/search"><input name=q></form>`) }, reason: "no form", launches: 3},
		"form unfinished":  {set: func(w *world) { w.page = say(fmt.Sprintf(unfinished, w.zoom.URL)) }, reason: "ends inside its form", launches: 3},
		"form elsewhere":   {set: func(w *world) { w.page = say(form2(w.elsewhere.URL+"/lti/rich", "2")) }, reason: "not to CANVAS.ZOOM_URL", launches: 1},
		"form to Canvas":   {set: func(w *world) { w.page = say(form2("/lti/rich", "2")) }, reason: "not to CANVAS.ZOOM_URL", launches: 1},
		"form to a script": {set: func(w *world) { w.page = say(form2("javascript:alert(1)", "2")) }, reason: "not to CANVAS.ZOOM_URL", launches: 1},
		"form to user@host": {set: func(w *world) {
			w.page = say(form2(strings.Replace(w.zoom.URL, "://", "://"+strings.TrimPrefix(w.zoom.URL, "http://")+"@", 1)+"/lti/rich", "2"))
		}, meetings: 1, launches: 1},
		"login form": {set: func(w *world) {
			w.page = say(`<form action="` + w.zoom.URL + `/oidc" method=post><input name=login_hint value=x></form>`)
		}, reason: "LTI 1.3", launches: 1},
		"second form": {set: func(w *world) { w.page = say(`<form action=/s></form>` + form2(w.zoom.URL+"/lti/rich?a=1", "2")) }, meetings: 1, launches: 1},
		"Zoom leaves": {set: func(w *world) {
			w.enter = func(rw http.ResponseWriter, r *http.Request) {
				http.Redirect(rw, r, w.elsewhere.URL, http.StatusTemporaryRedirect)
			}
		}, reason: "sends the launch on", launches: 1},
		"no scid":  {set: func(w *world) { w.enter = say(`{key:"X-XSRF-TOKEN", value:"t"}`) }, reason: "no scid", launches: 3},
		"no token": {set: func(w *world) { w.enter = say(`scid:"5"`) }, reason: "no X-XSRF-TOKEN", launches: 3},
		"neither":  {set: func(w *world) { w.enter = say(`Hello ` + person) }, reason: "neither scid nor token", launches: 3},
		"refused with words": {set: func(w *world) {
			w.enter = func(rw http.ResponseWriter, _ *http.Request) {
				rw.WriteHeader(403)
				_, _ = rw.Write([]byte(`{"message":"` + person + ` ` + secretXSRF + `"}`))
			}
		}, reason: "Zoom refuses the launch: status 403", launches: 3},
		"status false": {set: func(w *world) {
			w.list = sayList(`{"status":false,"errorCode":"300","errorMessage":"User ` + person + ` with ` + secretXSRF + ` and ` + secretSCID + ` is unknown"}`)
		}, reason: "status false, error code 300: User *** with *** and *** is unknown", launches: 3},
		"no result":          {set: func(w *world) { w.list = sayList(`{"status":true}`) }, reason: "no result", launches: 3},
		"list is a page":     {set: func(w *world) { w.list = sayList(`<html>sign in</html>`) }, reason: "a page instead of the list", launches: 3},
		"list is refused":    {set: func(w *world) { w.list = func(rw http.ResponseWriter, _ *http.Request, _ int) { rw.WriteHeader(401) } }, reason: "status 401", launches: 3},
		"list is down":       {set: func(w *world) { w.list = func(rw http.ResponseWriter, _ *http.Request, _ int) { rw.WriteHeader(503) } }, class: fault.Unavailable, launches: 1},
		"list is odd":        {set: func(w *world) { w.list = sayList(`{"result":{"total":1,"list":{}}}`) }, reason: "unknown form", launches: 1},
		"list is null":       {set: func(w *world) { w.list = sayList(`null`) }, reason: "no result", launches: 3},
		"meeting without id": {set: func(w *world) { w.list = sayList(result(1, 10, `{"startTime":"x"}`)) }, reason: "no meeting of the list can be read: meetingId: missing", launches: 1},
		"one meeting without id": {set: func(w *world) {
			w.list = sayList(result(3, 2, item("a"), `{"startTime":"x"}`), result(3, 2, item("b")))
		}, reason: "1 item could not be read and left out: meeting number 2 of course 2 (tool 25194): meetingId: missing", meetings: 2, launches: 1},
		"one meeting with an odd time": {set: func(w *world) {
			w.list = sayList(result(2, 10, `{"meetingId":"m7","startTime":["x"]}`, item("b")))
		}, reason: "1 item could not be read and left out: meeting m7 of course 2 (tool 25194): startTime: an array cannot be read", meetings: 1, launches: 1},
		"no object among the meetings": {set: func(w *world) {
			w.list = sayList(result(4, 10, `"x"`, item("a"), `null`, `7`))
		}, reason: "3 items could not be read and left out: meeting number 1 of course 2 (tool 25194)", meetings: 1, launches: 1},
		"an odd status": {set: func(w *world) {
			w.list = sayList(result(2, 10, item("a"), strings.Replace(item("m8"), `"status":0`, `"status":"?"`, 1)))
		}, reason: "status of meeting m8 of course 2 (tool 25194): \"?\"", meetings: 2, launches: 1},
		"nothing":   {set: func(w *world) { w.list = sayList(result(0, 10)) }, launches: 1},
		"null list": {set: func(w *world) { w.list = sayList(`{"result":{"total":0,"list":null}}`) }, launches: 1},
		"no total": {set: func(w *world) {
			w.list = sayList(`{"result":{"list":[`+item("a")+`]}}`, `{"result":{"list":[`+item("b")+`]}}`, `{"result":{"list":[]}}`)
		}, meetings: 2, launches: 1},
		"no size": {set: func(w *world) { w.list = sayList(result(3, 0, item("a"), item("b")), result(3, 0, item("c"))) }, meetings: 3, launches: 1},
		"total grows": {set: func(w *world) {
			w.list = sayList(result(2, 1, item("b")), result(3, 1, item("b")), result(3, 1, item("a")))
		}, launches: 1, reason: "Zoom speaks of 3 meetings and lists 1."},
		"total too large": {set: func(w *world) { w.list = sayList(result(100, 2, item("a"), item("b")), result(100, 2)) }, launches: 1, reason: "Zoom speaks of 100 meetings and lists 2."},
		"total too small": {set: func(w *world) {
			w.list = sayList(result(1, 2, item("a"), item("b")), result(1, 2, item("c")), result(1, 2))
		}, meetings: 3, launches: 1, reason: "Zoom speaks of 1 meetings and lists 3."},
		"the same for ever": {set: func(w *world) { w.list = sayList(result(1<<40, 1, item("a"))) }, launches: 1, reason: "lists 1."},
		"total lost at the end": {set: func(w *world) {
			w.list = sayList(result(3, 2, item("a"), item("b")), `{"result":{"list":[]}}`)
		}, launches: 1, reason: "Zoom speaks of 3 meetings and lists 2."},
		"total 0 at the end": {set: func(w *world) {
			w.list = sayList(result(3, 2, item("a"), item("b")), result(0, 2))
		}, launches: 1, reason: "Zoom speaks of 3 meetings and lists 2."},
		"new ones for ever": {set: func(w *world) {
			w.list = func(rw http.ResponseWriter, _ *http.Request, page int) {
				_, _ = rw.Write([]byte(result(1<<40, 1, item(fmt.Sprint(page)))))
			}
		}, reason: "does not end", launches: 1},
		"too much": {set: func(w *world) { w.enter = say(strings.Repeat("a", maxPage+2)) }, class: fault.Unavailable, launches: 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.set(w)
			rows, notes, log, err := w.run(t, 1, 2)
			if fault.ClassOf(err) != test.class {
				t.Fatalf("class %v of %v, want %v", fault.ClassOf(err), err, test.class)
			}
			if err == nil {
				of := map[int64]int{}
				for _, r := range rows {
					of[r.CourseID]++
				}
				if of[1] != 1 || of[2] != test.meetings {
					t.Errorf("meetings by course: %v, want %d of course 2", of, test.meetings)
				}
				if !strings.Contains(notes, test.reason) || (notes == "") != (test.reason == "") || test.reason != "" && !strings.Contains(notes, "ourse 2 (tool 25194)") {
					t.Errorf("notes %q, want %q", notes, test.reason)
				}
			}
			w.mu.Lock() // a server may still be at work on a request that was given up
			defer w.mu.Unlock()
			if got := w.count["launch 2"]; got != test.launches {
				t.Errorf("%d launches, want %d", got, test.launches)
			}
			for _, wrong := range w.wrong {
				t.Error(wrong)
			}
			for _, secret := range []string{secretToken, secretVerifier, secretSCID, secretXSRF, person, "login_hint=", "Robin's", "pwd="} {
				if all := fmt.Sprintf("%s\n%s\n%v\n%s\n%+v", notes, log, err, fault.HintOf(err), rows); strings.Contains(all, secret) {
					t.Errorf("%q shows up", secret)
				}
			}
			t.Log(notes, err)
		})
	}
}

// TestUsedUp loses the page or the form's answer once, after which the link no longer works.
func TestUsedUp(t *testing.T) {
	for _, lost := range []string{"page", "enter", "list"} {
		w := newWorld(t)
		w.list = sayList(result(2, 10, item("a"), item("b")))
		tear := func(then func(http.ResponseWriter)) func(http.ResponseWriter, *http.Request) {
			return func(rw http.ResponseWriter, _ *http.Request) {
				if w.count[lost+" 2"] == 1 {
					rw.Header().Set("Content-Length", "1000")
					_, _ = rw.Write([]byte("<for"))
					return
				}
				then(rw)
			}
		}
		switch lost {
		case "page":
			w.page = tear(func(rw http.ResponseWriter) { _, _ = rw.Write([]byte(form2(w.zoom.URL+"/lti/rich", "2"))) })
		case "enter":
			w.enter = tear(func(rw http.ResponseWriter) {
				fmt.Fprintf(rw, `scid:"%s" {key:"X-XSRF-TOKEN", value:"%s"}`, secretSCID, secretXSRF)
			})
		case "list":
			w.list = func(rw http.ResponseWriter, r *http.Request, _ int) {
				tear(func(rw http.ResponseWriter) { _, _ = rw.Write([]byte(result(1, 10, item("a")))) })(rw, r)
			}
		}
		rows, notes, _, err := w.run(t, 2)
		if err != nil || len(rows) == 0 || notes != "" || len(w.wrong) > 0 {
			t.Errorf("%s: %v, %d rows, notes %q, %v", lost, err, len(rows), notes, w.wrong)
		}
		want := 2
		if lost == "list" {
			want = 1 // a list may be read again in the same session
		}
		if got := w.count["launch 2"]; got != want {
			t.Errorf("%s: %d launches, want %d", lost, got, want)
		}
	}
}

// TestNoZoomAnywhere: courses without visible Zoom tabs make an empty table, not an error.
func TestNoZoomAnywhere(t *testing.T) {
	w := newWorld(t)
	rows, notes, _, err := w.run(t)
	if err != nil || len(rows) != 0 || notes != "" {
		t.Errorf("%v, %d rows, %q", err, len(rows), notes)
	}
}

// TestAllFail: no tab that can be followed is an error, although each alone would be a note.
func TestAllFail(t *testing.T) {
	w := newWorld(t)
	w.page = say("<p>sorry</p>")
	_, _, _, err := w.run(t, 2)
	if fault.ClassOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "none of 1 Zoom tabs can be followed: the launch page has no form that launches a tool") {
		t.Error(err)
	}
}
