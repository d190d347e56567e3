package canvas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// changer changes the objects of some answers, each by its id.
type changer struct {
	part   string // of the paths
	change func(id string, object map[string]any)
}

func (c *changer) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(r.URL.Path+"$", c.part) {
		return resp, err
	}
	defer resp.Body.Close()
	d := json.NewDecoder(resp.Body)
	d.UseNumber()
	var answer any
	if err := d.Decode(&answer); err != nil {
		return nil, err
	}
	list, many := answer.([]any)
	if !many {
		list = []any{answer}
	}
	for _, one := range list {
		if object, ok := one.(map[string]any); ok {
			c.change(fmt.Sprint(object["id"]), object)
		}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// runWith reads the university on a day through a transport.
func runWith(t *testing.T, l *lake.Lake, cfg *config.Config, transport http.RoundTripper, at time.Time, tables ...string) error {
	t.Helper()
	tuning := hasty
	tuning.Transport = transport
	cfg.MaxReqAttempts = 2
	source, err := open(cfg, extract.Env{}, tuning)
	if err != nil {
		t.Fatal(err)
	}
	p := extracttest.Plan(source, at)
	p.Tables = tables
	_, err = extract.Run(t.Context(), l, p)
	return err
}

// TestOddValues puts values into fields that may be NULL which cannot be read: they are NULL, counted and named, and nothing else suffers.
func TestOddValues(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 9, Courses: 30})
	victim := fmt.Sprint(pick(t, s, 1)[0])
	for name, test := range map[string]struct {
		table, part string
		fields      map[string]any
	}{
		"course": {"course", "/courses$", map[string]any{"start_at": "12025-01-01T00:00:00Z", "end_at": "+12025-01-01T00:00:00Z", "created_at": "0000-00-00T00:00:00Z",
			"is_public": "perhaps", "time_zone": []int{1}, "course_code": map[string]int{}, "root_account_id": 1.5}},
		"term": {"term", "/terms/", map[string]any{"start_at": 7, "end_at": "10000-01-01T00:00:00Z", "created_at": "never"}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := int64(0)
			l := extracttest.Lake(t)
			err := runWith(t, l, configOf(s, false), &changer{test.part, func(id string, object map[string]any) {
				if name == "course" && id != victim {
					return
				}
				for field, value := range test.fields {
					object[field] = value
					changed++
				}
			}}, now, test.table)
			if err != nil {
				t.Fatal(err)
			}
			m, err := l.Find(t.Context(), lake.Raw("canvas", test.table), lake.DateOf(now))
			if err != nil {
				t.Fatal(err)
			}
			if checks := sourceChecks(m); len(checks) != 1 || checks[0].Name != "unreadable_values" || checks[0].Rows != changed || changed == 0 || len(checks[0].Examples) == 0 {
				t.Errorf("%d values, checks %+v", changed, checks)
			}
			if name == "term" {
				for _, row := range extracttest.Rows[Term](t, l, "raw/canvas/term", lake.DateOf(now)) {
					if row.StartAt != nil || row.EndAt != nil || row.Name == "" {
						t.Errorf("%+v", row)
					}
				}
				return
			}
			want := truthOf(t, s, now).Courses
			got := extracttest.Rows[Course](t, l, "raw/canvas/course", lake.DateOf(now))
			for i := range got {
				got[i].FetchedAt = time.Time{}
			}
			for i := range want {
				if fmt.Sprint(want[i].ID) == victim {
					want[i].StartAt, want[i].EndAt, want[i].CreatedAt, want[i].IsPublic, want[i].TimeZone = nil, nil, nil, nil, nil
					want[i].CourseCode, want[i].RootAccountID = nil, nil
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("courses (-want +got):\n%.2000s", diff)
			}
		})
	}
}

// TestOddItems takes from items what no row can do without. They are missing by their ids, within the limit, and the earlier rows stand in.
func TestOddItems(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 9, Courses: 30})
	victim := pick(t, s, 1)[0]
	tomorrow := now.AddDate(0, 0, 1)
	restrict := func(object map[string]any) {
		for field := range object {
			if field != "id" {
				delete(object, field)
			}
		}
		object["access_restricted_by_date"] = true
	}
	account := int64(0)
	for _, c := range truthOf(t, s, now).Courses {
		if c.ID == victim {
			account = c.AccountID
		}
	}
	for name, test := range map[string]struct {
		table, part string
		id          int64
		change      func(map[string]any)
		class       fault.Class
		text        string
	}{
		"restricted course":      {"course", "/courses", victim, restrict, fault.Permission, "access_restricted_by_date"},
		"course without account": {"course", "/courses", victim, func(o map[string]any) { delete(o, "account_id") }, fault.Data, "account_id: missing"},
		"course without count":   {"course", "/courses", victim, func(o map[string]any) { o["total_students"] = "some" }, fault.Data, `total_students: "some" cannot be read`},
		"account without name":   {"account", "accounts", account, func(o map[string]any) { o["name"] = nil }, fault.Data, "name: missing"},
		"term without name":      {"term", "/terms/", 0, func(o map[string]any) { delete(o, "name") }, fault.Data, "name: missing"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := configOf(s, false)
			if test.table == "term" {
				test.id = cfg.Canvas.TermIDs[0]
			}
			transport := &changer{test.part, func(id string, object map[string]any) {
				if id == fmt.Sprint(test.id) {
					test.change(object)
				}
			}}
			l := extracttest.Lake(t)
			if err := runWith(t, l, cfg, transport, now, test.table); test.table == "course" {
				classAndHint(t, err, test.class, "QUALITY.max_missing_courses")
				if !contains(fmt.Sprint(err), fmt.Sprintf("course %d (course): ", test.id)) || !contains(fmt.Sprint(err), test.text) {
					t.Errorf("%v", err)
				}
			} else if fault.ClassOf(err) != test.class || !contains(fmt.Sprint(err), fmt.Sprint(test.id)) || fault.HintOf(err) == "" {
				t.Errorf("class %v: %v, hint %q", fault.ClassOf(err), err, fault.HintOf(err))
			}
			if err := runWith(t, l, configOf(s, false), http.DefaultTransport, now, test.table); err != nil {
				t.Fatal(err)
			}
			cfg.Quality.MaxMissingCourses = 1
			if err := runWith(t, l, cfg, transport, tomorrow, test.table); err != nil {
				t.Fatal(err)
			}
			m, err := l.Find(t.Context(), lake.Raw("canvas", test.table), lake.DateOf(tomorrow))
			if err != nil {
				t.Fatal(err)
			}
			if checks := sourceChecks(m); len(checks) != 1 || checks[0].Name != "missing_courses" || !slices.Equal(checks[0].Examples, []string{fmt.Sprint(test.id)}) || len(m.Inputs) != 1 {
				t.Errorf("checks %+v, inputs %v", checks, m.Inputs)
			}
			ids := func(at time.Time) (all []int64) {
				switch date := lake.DateOf(at); test.table {
				case "course":
					for _, row := range extracttest.Rows[Course](t, l, "raw/canvas/course", date) {
						all = append(all, row.ID)
					}
				case "account":
					for _, row := range extracttest.Rows[Account](t, l, "raw/canvas/account", date) {
						all = append(all, row.ID)
					}
				default:
					for _, row := range extracttest.Rows[Term](t, l, "raw/canvas/term", date) {
						all = append(all, row.ID)
					}
				}
				return all
			}
			if diff := cmp.Diff(ids(now), ids(tomorrow)); diff != "" {
				t.Errorf("ids (-before +now):\n%s", diff)
			}
		})
	}
}

// TestReadAlone asks for a course by itself whose entry in the list lacks something.
func TestReadAlone(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 9, Courses: 30})
	victim := fmt.Sprint(pick(t, s, 1)[0])
	l := extracttest.Lake(t)
	err := runWith(t, l, configOf(s, false), &changer{"/courses$", func(id string, object map[string]any) {
		if id == victim {
			delete(object, "account_id")
		}
	}}, now, "course")
	if err != nil {
		t.Fatal(err)
	}
	got := extracttest.Rows[Course](t, l, "raw/canvas/course", lake.DateOf(now))
	for i := range got {
		got[i].FetchedAt = time.Time{}
	}
	if diff := cmp.Diff(truthOf(t, s, now).Courses, got); diff != "" {
		t.Errorf("courses (-want +got):\n%.2000s", diff)
	}
}

// TestOddEvent leaves out an event whose time cannot be read, unless it is a publication: then the course is missing.
func TestOddEvent(t *testing.T) {
	event := func(kind string) apiAudit {
		var a apiAudit
		text := fmt.Sprintf(`{"events":[{"id":"e1","created_at":"12025-01-01T00:00:00Z","event_type":%q}]}`, kind)
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := event("updated"); checkAudit(&a) != nil || (*a.Events)[0].dated(t.Context()) {
		t.Errorf("%v", checkAudit(&a))
	}
	if a := event(publishedEvent); checkAudit(&a) == nil || !contains(checkAudit(&a).Error(), "event e1: created_at") {
		t.Errorf("%v", checkAudit(&a))
	}
}

// TestOddDays reads days of courses' activity of which some are odd: they alone are left out, and named.
func TestOddDays(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 5, Courses: 12})
	const odd = 3
	l := extracttest.Lake(t)
	if err := runWith(t, l, configOf(s, false), http.DefaultTransport, now, "course_activity"); err != nil {
		t.Fatal(err)
	}
	whole := len(extracttest.Rows[Activity](t, l, "raw/canvas/course_activity", lake.DateOf(now)))
	var mu sync.Mutex
	var days []string
	l = extracttest.Lake(t)
	if err := runWith(t, l, configOf(s, false), &changer{"/analytics/activity", func(_ string, day map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		if len(days) < odd {
			days = append(days, fmt.Sprint(day["date"]))
			day["views"] = "many"
		}
	}}, now, "course_activity"); err != nil {
		t.Fatal(err)
	}
	if rows := len(extracttest.Rows[Activity](t, l, "raw/canvas/course_activity", lake.DateOf(now))); rows != whole-odd || whole < 20 {
		t.Errorf("%d rows of %d", rows, whole)
	}
	m, err := l.Find(t.Context(), lake.Raw("canvas", "course_activity"), lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(m.Checks, func(c lake.Check) bool { return c.Name == "items_left_out" })
	if i < 0 || m.Checks[i].Rows != odd || !strings.HasPrefix(strings.Join(m.Checks[i].Examples, " "), "day "+days[0]+" of course ") {
		t.Errorf("checks %+v", m.Checks)
	}
}
