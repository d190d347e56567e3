package canvas

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// TestProfiles is the promise of the whole extract: however badly the servers behave, the rows are those of the university.
func TestProfiles(t *testing.T) {
	for _, profile := range []campus.Profile{campus.Clean, campus.Throttled, campus.Flaky, campus.Hostile} {
		for _, gateway := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s gateway=%t", profile, gateway), func(t *testing.T) {
				t.Parallel() // they mostly wait
				s := startCampus(t, campus.Options{Seed: 7, Courses: 60, Profile: profile})
				l, result, err := run(t, configOf(s, gateway))
				if err != nil {
					t.Fatalf("%v\n%s", err, fault.HintOf(err))
				}
				if diff := cmp.Diff(truthOf(t, s, now), rawOf(t, l, now)); diff != "" {
					t.Errorf("raw rows differ from the university (-want +got):\n%.4000s", diff)
				}
				stats := s.Stats()
				t.Logf("%+v; campus: %d requests, %d refusals, faults %v", result.Requests, stats.Total(), stats.Refusals, stats.Faults)
				tokens := stats.Requests["gateway token"]
				// net/http itself repeats a GET whose kept-alive connection breaks before the answer.
				// A try that the client gave up under load may never have reached the campus.
				if hidden := stats.Total() - tokens - int(result.Requests.Total); hidden > stats.Faults["reset"] || -hidden > int(result.Requests.Retried) {
					t.Errorf("%d requests counted, the campus has seen %d", result.Requests.Total, stats.Total())
				}
				if gateway != (tokens > 0) {
					t.Errorf("%d gateway tokens asked for", tokens)
				}
			})
		}
	}
}

func TestSuite(t *testing.T) {
	prefixes := map[string]string{
		"term": "/api/v1/accounts/1/terms", "account": "/api/v1/accounts/", "course": "/api/v1/accounts/1/courses",
		"course_audit_event": "/api/v1/audit/", "course_activity": "/api/v1/courses/", "enrollment": "/api/graphql",
		"tab": "/api/v1/courses/",
	}
	for _, status := range []int{500, 403} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			extracttest.Run(t, extracttest.Suite{
				Now: now, MayBeEmpty: []string{"course.end_at"},
				Open: func(t *testing.T, broken string) *extract.Source {
					o := campus.Options{Seed: 3, Courses: 30}
					if broken != "" {
						o.Breaks = []campus.Break{{Prefix: prefixes[broken], Status: status}}
						if broken == "enrollment" { // REST stands in for GraphQL
							o.Breaks = append(o.Breaks, campus.Break{Prefix: "/api/v1/courses/", Status: status})
						}
					}
					return openHasty(t, configOf(startCampus(t, o), false))
				},
			})
		})
	}
}

// TestRefused runs with credentials and rights that are not enough: a clear error, and nothing in the lake.
func TestRefused(t *testing.T) {
	lesser := func(name string) func(*config.Config, map[string]string) {
		return func(c *config.Config, tokens map[string]string) { c.Canvas.Token = config.Secret(tokens[name]) }
	}
	for name, test := range map[string]struct {
		options campus.Options
		gateway bool
		change  func(c *config.Config, tokens map[string]string)
		class   fault.Class
		hint    string
	}{
		"wrong token": {change: func(c *config.Config, _ map[string]string) { c.Canvas.Token = "wrong" }, class: fault.Permission, hint: "CANVAS.CANVAS_TOKEN"},
		"revoked":     {options: campus.Options{RevokeAfter: 40}, class: fault.Permission, hint: "CANVAS.CANVAS_TOKEN"},
		"wrong secret": {gateway: true, change: func(c *config.Config, _ map[string]string) { c.Canvas.APIClientSecret = "wrong" },
			class: fault.Permission, hint: "CANVAS.API_CLIENT_SECRET"},
		"wrong scope": {gateway: true, change: func(c *config.Config, _ map[string]string) { c.Canvas.APISubscriptionName = "wrong" },
			class: fault.Permission, hint: "CANVAS.API_SUBSCRIPTION_NAME"},
		"no audit right":     {change: lesser("no_audit"), class: fault.Permission, hint: "change log"},
		"no analytics right": {change: lesser("no_analytics"), class: fault.Permission, hint: "analytics"},
		"no roster right":    {change: lesser("no_roster"), class: fault.Permission, hint: "roster"},
		"wrong term": {change: func(c *config.Config, _ map[string]string) { c.Canvas.TermIDs = []int64{987654} },
			class: fault.Config, hint: "CANVAS.CANVAS_TERM_IDS"},
		"wrong account": {change: func(c *config.Config, _ map[string]string) { c.Canvas.AccountID = 987654 },
			class: fault.Config, hint: "CANVAS.CANVAS_ACCOUNT_ID"},
		"unreachable": {change: func(c *config.Config, _ map[string]string) { c.Canvas.URL = "http://127.0.0.1:1" },
			class: fault.Unavailable, hint: "MAX_REQ_ATTEMPTS"},
		"no URL": {change: func(c *config.Config, _ map[string]string) { c.Canvas.URL = "canvas.example.edu" },
			class: fault.Config, hint: "CANVAS.CANVAS_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.Seed, test.options.Courses = 5, 40
			s := startCampus(t, test.options)
			cfg := configOf(s, test.gateway)
			if test.change != nil {
				test.change(cfg, s.LesserTokens)
			}
			l := extracttest.Lake(t)
			source, err := open(cfg, extract.Env{}, hasty)
			if err == nil {
				_, err = extract.Run(t.Context(), l, extracttest.Plan(source, now))
			}
			classAndHint(t, err, test.class, test.hint)
			for _, secret := range []string{string(cfg.Canvas.Token), cfg.Canvas.APIClientSecret.Reveal()} {
				if len(secret) > 5 && contains(fmt.Sprintf("%v %+v %s", err, err, fault.HintOf(err)), secret) {
					t.Errorf("the error shows a secret: %v", err)
				}
			}
			dates, err := l.Dates(t.Context(), "raw/canvas/term")
			if err != nil || len(dates) > 0 {
				t.Errorf("committed: %v, %v", dates, err)
			}
			t.Log(err)
		})
	}
}

// TestNullCourses reads courses by REST of which GraphQL knows nothing.
func TestNullCourses(t *testing.T) {
	first := startCampus(t, campus.Options{Seed: 5, Courses: 40})
	courses := truthOf(t, first, now).Courses
	null := []int64{0, 0}
	for _, c := range courses {
		if *c.TotalStudents > 0 {
			null[0], null[1] = null[1], c.ID
		}
	}
	s := startCampus(t, campus.Options{Seed: 5, Courses: 40, NullCourses: null})
	l, result, err := run(t, configOf(s, false))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(truthOf(t, s, now), rawOf(t, l, now)); diff != "" {
		t.Errorf("raw rows differ (-want +got):\n%.4000s", diff)
	}
	for _, r := range result.Tables {
		if r.Table == "raw/canvas/enrollment" && !contains(fmt.Sprint(r.Notes), "GraphQL does not answer for 2 courses") {
			t.Errorf("notes: %q", r.Notes)
		}
	}
}

func TestLesserRights(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 5, Courses: 40, NoAuditStore: true})
	cfg := configOf(s, false)
	cfg.Canvas.Token = config.Secret(s.LesserTokens["no_sis"])
	l, result, err := run(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	got, want := rawOf(t, l, now), truthOf(t, s, now)
	want.Events = nil
	for i := range want.Terms {
		want.Terms[i].SISTermID = nil
	}
	for i := range want.Accounts {
		want.Accounts[i].SISAccountID = nil
	}
	for i := range want.Courses {
		want.Courses[i].SISCourseID = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("raw rows differ (-want +got):\n%.4000s", diff)
	}
	for _, r := range result.Tables {
		if r.Table == "raw/canvas/course_audit_event" && len(r.Notes) != 1 {
			t.Errorf("notes of the audit log: %q", r.Notes)
		}
	}
}

func TestExpectedCounts(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 5, Courses: 40})
	l, _, err := run(t, configOf(s, false))
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Find(t.Context(), "raw/canvas/enrollment", lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	if m.Counts == nil || m.Counts.Expected == 0 || m.Counts.Expected != m.Counts.Found {
		t.Errorf("counts: %+v", m.Counts)
	}
}
