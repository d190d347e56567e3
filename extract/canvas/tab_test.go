package canvas

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// tabsOf extracts the table tab alone.
func tabsOf(t testing.TB, cfg *config.Config) ([]Tab, extract.Result, error) {
	t.Helper()
	l := extracttest.Lake(t)
	p := extracttest.Plan(openHasty(t, cfg), now)
	p.Tables = []string{"tab"}
	result, err := extract.Run(t.Context(), l, p)
	if err != nil {
		return nil, result, err
	}
	rows := extracttest.Rows[Tab](t, l, "raw/canvas/tab", lake.DateOf(now))
	for i := range rows {
		if !rows[i].FetchedAt.Equal(now) {
			t.Fatalf("fetched_at is %v", rows[i].FetchedAt)
		}
		rows[i].FetchedAt = time.Time{}
	}
	return rows, result, nil
}

// tabTruth is what the navigation of the published courses of the terms, and of the added ones, holds.
func tabTruth(t testing.TB, s *campustest.Server, added ...int64) []Tab {
	t.Helper()
	u := s.University()
	day, err := u.On(now)
	if err != nil {
		t.Fatal(err)
	}
	ptr := func(b bool) *bool {
		if !b {
			return nil
		}
		return &b
	}
	var rows []Tab
	for i := range u.Courses() {
		c := day.Course(i)
		if !slices.Contains(added, c.ID) && (c.State != university.StateAvailable || !slices.Contains(s.TermIDs, c.TermID)) {
			continue
		}
		for k, tab := range day.Tabs(i) {
			position, html := int64(k+1), fmt.Sprintf("/courses/%d/%s", c.ID, tab.ID)
			row := Tab{
				CourseID: c.ID, CourseName: c.Name, AccountID: c.AccountID, TabID: tab.ID, Label: tab.Label, Type: "internal", Visibility: &tab.Visibility,
				Position: &position, Hidden: ptr(tab.Hidden), Unused: ptr(tab.Unused), HTMLURL: &html,
			}
			if tab.ID == "home" {
				html = fmt.Sprintf("/courses/%d", c.ID)
			}
			if tab.Tool != nil {
				html = fmt.Sprintf("/courses/%d/external_tools/%d", c.ID, tab.Tool.ID)
				launch := fmt.Sprintf("%s/api/v1/courses/%d/external_tools/sessionless_launch?id=%d&launch_type=course_navigation", s.CanvasURL, c.ID, tab.Tool.ID)
				row.Type, row.LaunchURL = "external", &launch
			}
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b Tab) int {
		return cmp.Or(cmp.Compare(a.CourseID, b.CourseID), strings.Compare(a.TabID, b.TabID))
	})
	return rows
}

func TestTabs(t *testing.T) {
	for _, profile := range []campus.Profile{campus.Clean, campus.Flaky, campus.Hostile} {
		t.Run(string(profile), func(t *testing.T) {
			t.Parallel()                                                                 // they mostly wait
			s := startCampus(t, campus.Options{Seed: 7, Courses: 150, Profile: profile}) // more than one page of courses
			cfg := configOf(s, true)
			day, err := s.University().On(now)
			if err != nil {
				t.Fatal(err)
			}
			// One course outside the terms, one that is not published, one that the terms bring anyway.
			for _, fits := range []func(university.Course) bool{
				func(c university.Course) bool { return !slices.Contains(s.TermIDs, c.TermID) },
				func(c university.Course) bool { return c.State == university.StateUnpublished },
				func(c university.Course) bool { return c.Nickname != "" && c.State == university.StateAvailable },
			} {
				for i := range s.University().Courses() {
					if c := day.Course(i); fits(c) {
						cfg.Canvas.AddCourseIDs = append(cfg.Canvas.AddCourseIDs, c.ID)
						break
					}
				}
			}
			if len(cfg.Canvas.AddCourseIDs) != 3 {
				t.Fatalf("added courses: %v", cfg.Canvas.AddCourseIDs)
			}
			got, result, err := tabsOf(t, cfg)
			if err != nil {
				t.Fatalf("%v\n%s", err, fault.HintOf(err))
			}
			if diff := gocmp.Diff(tabTruth(t, s, cfg.Canvas.AddCourseIDs...), got); diff != "" {
				t.Errorf("(-want +got):\n%.3000s", diff)
			}
			// net/http itself repeats a request whose connection was torn before the answer began.
			if stats := s.Stats(); stats.Requests["gateway token"] != 0 || int(result.Requests.Total) > stats.Total() || result.Requests.Total < 100 {
				t.Errorf("%d requests counted, the campus has seen %d: %v", result.Requests.Total, stats.Total(), stats.Requests)
			}
		})
	}
}

func TestAddedCourseUnknown(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 7, Courses: 10})
	cfg := configOf(s, false)
	cfg.Canvas.AddCourseIDs = []int64{987654}
	_, _, err := tabsOf(t, cfg)
	classAndHint(t, err, fault.Config, "take 987654 out of CANVAS.ADD_COURSE_IDS")
}

// TestOddTabs feeds answers that Canvas should not give.
func TestOddTabs(t *testing.T) {
	const course = `{"id":17700000000123456,"account_id":1,"name":"Mine","original_name":"Theirs"}`
	for name, test := range map[string]struct {
		tabs  string
		class fault.Class
		part  string
		odd   []string // in the notes
	}{
		"no tabs":    {tabs: `[]`},
		"null label": {tabs: `[{"id":"home","label":null,"type":"internal"}]`, class: fault.Data, part: "label: missing"},
		"an object":  {tabs: `{"id":"home"}`, class: fault.Data, part: "object instead of array"},
		"null":       {tabs: `null`, class: fault.Data, part: "null instead of a value"},
		"number id":  {tabs: `[{"id":5,"label":"x","type":"internal"}]`},
		"some odd": {tabs: `[{"id":"home","label":[],"type":"internal"},7,{"id":"x","label":"X","type":"internal","position":"first"},{"label":"Y","type":"internal"}]`, odd: []string{
			"tab home of course 17700000000123456: label: an array cannot be read", "tab number 2 of course 17700000000123456: id: missing, label: missing, type: missing",
			"tab number 4 of course 17700000000123456: id: missing", "position of tab x of course 17700000000123456: \"first\"", "3 items could not be read and left out"}},
		"cut":     {tabs: `[{"id":"ho`, class: fault.Unavailable, part: "not whole JSON"},
		"unknown": {tabs: `[{"id":"home","label":"Home","type":"internal","new_field":{"a":1},"hidden":false}]`},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Link", onlyPage)
				body := "[" + course + "]"
				if strings.HasSuffix(r.URL.Path, "/courses/17700000000123456/tabs") {
					body = test.tabs
				}
				_, _ = w.Write([]byte(body))
			}))
			defer s.Close()
			rows, result, err := tabsOf(t, &config.Config{
				MaxReqAttempts: 2, NumAsyncWorkers: 2, Canvas: config.Canvas{AccountID: 1, TermIDs: []int64{5, 6}, URL: s.URL, Token: "secret"},
			})
			if test.class != fault.OK {
				classAndHint(t, err, test.class, "")
				if !contains(fmt.Sprint(err), test.part) {
					t.Errorf("error %v does not say %q", err, test.part)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, odd := range test.odd {
				if !contains(strings.Join(result.Tables[0].Notes, "\n"), odd) {
					t.Errorf("%q is not in %q", odd, result.Tables[0].Notes)
				}
			}
			if test.tabs == "[]" && len(rows) != 0 || test.tabs != "[]" && (len(rows) != 1 || rows[0].CourseName != "Theirs") {
				t.Errorf("rows: %+v", rows)
			}
		})
	}
}
