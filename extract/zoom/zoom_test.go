package zoom

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var now = time.Date(2026, 2, 3, 4, 5, 6, 789_000, time.UTC)

func startCampus(t testing.TB, o campus.Options) *campustest.Server {
	o.Date, o.Stall = now, 300*time.Millisecond
	return campustest.Start(t, o)
}

func configOf(s *campustest.Server) *config.Config {
	return &config.Config{MaxReqAttempts: 4, NumAsyncWorkers: 8, Canvas: config.Canvas{
		AccountID: s.AccountID, TermIDs: s.TermIDs, URL: s.CanvasURL, Token: config.Secret(s.CanvasToken), ZoomURL: s.ZoomURL,
	}}
}

// hasty makes a client that does not wait long.
var hasty = rest.Tuning{FirstWait: time.Millisecond, MaxWait: 10 * time.Millisecond, Deadline: 200 * time.Millisecond, Patience: time.Minute}

func openHasty(t testing.TB, cfg *config.Config, log *slog.Logger) *extract.Source {
	t.Helper()
	s, err := open(cfg, extract.Env{Now: func() time.Time { return now }, Version: "test", Log: log}, hasty)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withTabs puts raw/canvas/tab of a clean campus with the same university into a lake.
func withTabs(t testing.TB, l *lake.Lake, cfg *config.Config) {
	t.Helper()
	source, err := canvas.Open(t.Context(), cfg, extract.Env{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	p := extracttest.Plan(source, now)
	p.Tables = []string{"tab"}
	if _, err := extract.Run(t.Context(), l, p); err != nil {
		t.Fatal(err)
	}
}

// truth is what the histories behind the visible Zoom tabs hold, and why some cannot be followed.
func truth(t testing.TB, s *campustest.Server) (rows []Meeting, tabs, missing int) {
	t.Helper()
	u := s.University()
	day, err := u.On(now)
	if err != nil {
		t.Fatal(err)
	}
	zone := "UTC"
	for i := range u.Courses() {
		c := day.Course(i)
		if c.State != university.StateAvailable || !slices.Contains(s.TermIDs, c.TermID) {
			continue
		}
		for _, tab := range day.Tabs(i) {
			if tab.Tool == nil || tab.Hidden || strings.ToUpper(tab.Label) != "ZOOM" {
				continue
			}
			tabs++
			if tab.Tool.Launch != university.LaunchForm || u.ZoomTrouble(i) != university.ZoomFine {
				missing++
				continue
			}
			for _, m := range day.Meetings(i) {
				number, status := fmt.Sprint(m.Number), int64(m.Status)
				rows = append(rows, Meeting{
					CourseID: c.ID, ToolID: tab.Tool.ID, TabLabel: tab.Label, MeetingID: m.ID, MeetingNumber: &number, HostID: m.HostID,
					StartTimeText: m.Start.UTC().Format("2006-01-02 15:04:05"), TimeZone: &zone, Status: &status, FetchedAt: now,
				})
			}
		}
	}
	slices.SortFunc(rows, func(a, b Meeting) int {
		return cmp.Or(cmp.Compare(a.CourseID, b.CourseID), cmp.Compare(a.ToolID, b.ToolID),
			strings.Compare(a.StartTimeText, b.StartTimeText), strings.Compare(a.MeetingID, b.MeetingID))
	})
	return rows, tabs, missing
}

func TestProfiles(t *testing.T) {
	for _, profile := range []campus.Profile{campus.Clean, campus.Throttled, campus.Flaky, campus.Hostile} {
		t.Run(string(profile), func(t *testing.T) {
			s := startCampus(t, campus.Options{Seed: 7, Courses: 60, Profile: profile})
			cfg, l := configOf(s), extracttest.Lake(t)
			withTabs(t, l, cfg)
			s.Reset()
			var log bytes.Buffer
			source := openHasty(t, cfg, slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
			result, err := extract.Run(t.Context(), l, extracttest.Plan(source, now))
			if err != nil {
				t.Fatalf("%v\n%s", err, fault.HintOf(err))
			}
			want, tabs, missing := truth(t, s)
			if diff := gocmp.Diff(want, extracttest.Rows[Meeting](t, l, "raw/zoom/meeting", lake.DateOf(now))); diff != "" {
				t.Errorf("(-want +got):\n%.3000s", diff)
			}
			notes := strings.Join(result.Tables[0].Notes, "\n")
			if !strings.Contains(notes, fmt.Sprintf("The meetings of %d of %d Zoom tabs are missing.", missing, tabs)) || missing < 5 {
				t.Errorf("%d of %d tabs are missing; notes: %s", missing, tabs, notes)
			}
			made, err := l.Find(t.Context(), lake.Raw("zoom", "meeting"), lake.DateOf(now))
			if err != nil || len(made.Checks) != 2 || made.Checks[0].Passed || !made.Checks[0].Warning || !strings.Contains(made.Checks[0].Detail, fmt.Sprintf("%d of %d", missing, tabs)) {
				t.Errorf("checks %+v, %v", made, err)
			}
			for _, reason := range []string{
				"the launch page has no form", "Zoom's page has no scid", "Zoom's page has no X-XSRF-TOKEN",
				"Zoom answers with status false, error code 3000: User does not exist", "Zoom's list has no result", "LTI 1.3 tool",
			} {
				if !strings.Contains(notes, reason) {
					t.Errorf("no note says %q:\n%s", reason, notes)
				}
			}
			for _, secret := range []string{s.CanvasToken, "verifier=", "session_token", "oauth_signature", "lti_scid", "Robin", "robin", "Personal Meeting Room"} {
				if strings.Contains(log.String()+notes, secret) {
					t.Errorf("log or notes hold %q", secret)
				}
			}
			stats := s.Stats()
			t.Logf("%+v; campus: %d requests, %d refusals, faults %v", result.Requests, stats.Total(), stats.Refusals, stats.Faults)
		})
	}
}

// exchange is a campus that can be exchanged for another one of the same university, at the same address.
type exchange struct {
	campus.Info
	current atomic.Pointer[campus.Campus]
}

func startExchange(t testing.TB) *exchange {
	t.Helper()
	e := &exchange{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.current.Load().Handler().ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	e.Info = e.use(t).Info(s.URL)
	return e
}

func (e *exchange) use(t testing.TB, breaks ...campus.Break) *campus.Campus {
	t.Helper()
	c, err := campus.New(campus.Options{Seed: 3, Courses: 40, Date: now, Breaks: breaks})
	if err != nil {
		t.Fatal(err)
	}
	e.current.Store(c)
	return c
}

func (e *exchange) config() *config.Config { return configOf(&campustest.Server{Info: e.Info}) }

func TestSuite(t *testing.T) {
	e := startExchange(t)
	extracttest.Run(t, extracttest.Suite{
		Now: now,
		Lake: func(t *testing.T) *lake.Lake {
			l := extracttest.Lake(t)
			withTabs(t, l, e.config())
			return l
		},
		Open: func(t *testing.T, broken string) *extract.Source {
			if e.use(t); broken != "" {
				e.use(t, campus.Break{Prefix: "/zoom/lti", Status: http.StatusBadGateway})
			}
			return openHasty(t, e.config(), nil)
		},
	})
}

// TestDown breaks each server at each step for all courses.
func TestDown(t *testing.T) {
	e := startExchange(t)
	l := extracttest.Lake(t)
	withTabs(t, l, e.config())
	for name, test := range map[string]struct {
		path   string
		status int
		class  fault.Class
		hint   string
		part   string
	}{
		"Canvas down":     {"/api/v1/courses/", 503, fault.Unavailable, "MAX_REQ_ATTEMPTS", "status 503"},
		"page down":       {"/courses/", 503, fault.Unavailable, "Canvas and Zoom are up", "launch begun 4 times"},
		"Zoom down":       {"/zoom/lti", 502, fault.Unavailable, "Canvas and Zoom are up", "status 502"},
		"lists down":      {"/zoom/api", 500, fault.Unavailable, "MAX_REQ_ATTEMPTS", "status 500"},
		"wrong token":     {"/api/v1/courses/", 401, fault.Permission, "CANVAS.CANVAS_TOKEN", "status 401"},
		"no right":        {"/api/v1/courses/", 403, fault.Permission, "CANVAS.CANVAS_TOKEN", "none of"},
		"no launch":       {"/api/v1/courses/", 404, fault.Unavailable, "CANVAS.CANVAS_TOKEN", "Canvas refuses the launch: status 404"},
		"no page":         {"/courses/", 404, fault.Unavailable, "CANVAS.CANVAS_TOKEN", "Canvas refuses the launch page: status 404"},
		"no list":         {"/zoom/api", 404, fault.Unavailable, "CANVAS.ZOOM_URL", "Zoom refuses the list: status 404"},
		"no right inside": {"/zoom/", 403, fault.Unavailable, "CANVAS.CANVAS_TOKEN", "Zoom refuses the launch: status 403"},
	} {
		t.Run(name, func(t *testing.T) {
			e.use(t, campus.Break{Prefix: test.path, Status: test.status})
			_, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, e.config(), nil), now))
			if fault.ClassOf(err) != test.class || !strings.Contains(fault.HintOf(err), test.hint) || !strings.Contains(fmt.Sprint(err), test.part) {
				t.Errorf("%v: %v\n%s", fault.ClassOf(err), err, fault.HintOf(err))
			}
			t.Logf("%v\n%s", err, fault.HintOf(err))
			if dates, err := l.Dates(t.Context(), "raw/zoom/meeting"); err != nil || len(dates) > 0 {
				t.Errorf("committed: %v, %v", dates, err)
			}
		})
	}
}

// TestWithoutTabs runs where the lake lacks the table to follow.
func TestWithoutTabs(t *testing.T) {
	e := startExchange(t)
	_, err := extract.Run(t.Context(), extracttest.Lake(t), extracttest.Plan(openHasty(t, e.config(), nil), now))
	if !errors.Is(err, lake.ErrNotFound) || fault.ClassOf(err) != fault.Unavailable || !strings.Contains(fault.HintOf(err), "extract-canvas") {
		t.Errorf("%v\n%s", err, fault.HintOf(err))
	}
}
