package canvas

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
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
	if o.Date.IsZero() {
		o.Date = now
	}
	if o.Stall == 0 {
		o.Stall = time.Minute // until the client gives up
	}
	return campustest.Start(t, o)
}

func configOf(s *campustest.Server, gateway bool) *config.Config {
	c := config.Canvas{
		AccountID: s.AccountID, TermIDs: s.TermIDs, URL: s.CanvasURL, Token: config.Secret(s.CanvasToken), GraphQLBatch: 10,
	}
	if gateway {
		c.APIBaseURL, c.APIScopePrefix, c.APISubscriptionName = s.GatewayURL, s.GatewayPrefix, s.GatewayScope
		c.APIClientID, c.APIClientSecret, c.TokenPath = s.ClientID, config.Secret(s.ClientSecret), s.GatewayTokenPath
	}
	return &config.Config{MaxReqAttempts: 4, NumAsyncWorkers: 8, Canvas: c}
}

// hasty makes a client that does not wait long.
var hasty = rest.Tuning{FirstWait: time.Millisecond, MaxWait: 10 * time.Millisecond, Deadline: 2 * time.Second, Patience: time.Minute}

func openHasty(t testing.TB, cfg *config.Config) *extract.Source {
	t.Helper()
	s, err := open(cfg, extract.Env{Now: func() time.Time { return now }, Version: "test"}, hasty)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func run(t testing.TB, cfg *config.Config) (*lake.Lake, extract.Result, error) {
	t.Helper()
	l := extracttest.Lake(t)
	result, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, cfg), now))
	return l, result, err
}

// sourceChecks returns what the source itself found, without the gates that compare with the snapshot before.
func sourceChecks(m lake.Snapshot) []lake.Check {
	return slices.DeleteFunc(slices.Clone(m.Checks), func(c lake.Check) bool {
		return c.Name == "row_count" || strings.HasPrefix(c.Name, "filled_")
	})
}

// raw is what an extract of a campus must bring.
type raw struct {
	Terms       []Term
	Accounts    []Account
	Courses     []Course // each once
	Events      []AuditEvent
	Activity    []Activity
	Enrollments []Enrollment
}

// rawOf reads what is in the lake of the day of a run. Courses that stand twice are reduced to one, and every row's fetched_at is checked
// and dropped.
func rawOf(t testing.TB, l *lake.Lake, at time.Time) raw {
	t.Helper()
	d := lake.DateOf(at)
	r := raw{
		Terms:       extracttest.Rows[Term](t, l, "raw/canvas/term", d),
		Accounts:    extracttest.Rows[Account](t, l, "raw/canvas/account", d),
		Courses:     extracttest.Rows[Course](t, l, "raw/canvas/course", d),
		Events:      extracttest.Rows[AuditEvent](t, l, "raw/canvas/course_audit_event", d),
		Activity:    extracttest.Rows[Activity](t, l, "raw/canvas/course_activity", d),
		Enrollments: extracttest.Rows[Enrollment](t, l, "raw/canvas/enrollment", d),
	}
	r.Courses = slices.CompactFunc(r.Courses, func(a, b Course) bool { return a.ID == b.ID })
	fetched := func(when *time.Time) {
		if !when.Equal(at) {
			t.Fatalf("fetched_at is %v, want %v", *when, at)
		}
		*when = time.Time{}
	}
	for i := range r.Terms {
		fetched(&r.Terms[i].FetchedAt)
	}
	for i := range r.Accounts {
		fetched(&r.Accounts[i].FetchedAt)
	}
	for i := range r.Courses {
		fetched(&r.Courses[i].FetchedAt)
	}
	for i := range r.Events {
		if r.Events[i].FetchedAt.After(at) { // some are of the days before
			t.Fatalf("an event of %v is from the future", r.Events[i].FetchedAt)
		}
		r.Events[i].FetchedAt = time.Time{}
	}
	for i := range r.Activity {
		fetched(&r.Activity[i].FetchedAt)
	}
	for i := range r.Enrollments {
		fetched(&r.Enrollments[i].FetchedAt)
	}
	return r
}

// truthOf is what the university holds, put into raw rows by the words of the data model.
func truthOf(t testing.TB, s *campustest.Server, at time.Time) raw {
	t.Helper()
	u := s.University()
	day, err := u.On(at)
	if err != nil {
		t.Fatal(err)
	}
	var r raw
	for _, m := range u.Terms() {
		if slices.Contains(s.TermIDs, m.ID) {
			r.Terms = append(r.Terms, Term{ID: m.ID, Name: m.Name, SISTermID: null(m.SISID), StartAt: m.StartAt, EndAt: m.EndAt, CreatedAt: seconds(m.CreatedAt), WorkflowState: null("active")})
		}
	}
	used := map[int64]bool{}
	for i := range u.Courses() {
		c := day.Course(i)
		if !slices.Contains(s.TermIDs, c.TermID) || c.State == university.StateDeleted {
			continue
		}
		r.Courses = append(r.Courses, courseOf(day, i))
		if day.TotalStudents(i) == 0 {
			continue
		}
		used[c.AccountID] = true
		for _, e := range day.Enrollments(i) {
			r.Enrollments = append(r.Enrollments, Enrollment{
				ID: e.ID, CourseID: c.ID, SectionID: &e.Section.ID, SectionName: &e.Section.Name, UserID: &e.UserID, State: e.State, Type: e.Type,
			})
		}
		if c.State != university.StateAvailable {
			continue
		}
		for _, e := range day.Audit(i) {
			r.Events = append(r.Events, AuditEvent{ID: e.ID, CourseID: c.ID, CreatedAt: *seconds(e.At), EventType: e.Type, EventSource: null(e.Source)})
		}
		days, _ := day.Activity(i)
		for _, a := range days {
			r.Activity = append(r.Activity, Activity{CourseID: c.ID, Date: int32(a.Date.Unix() / 86400), Views: a.Views, Participations: a.Participations})
		}
	}
	for _, a := range u.Accounts() {
		if !used[a.ID] {
			continue
		}
		row := Account{ID: a.ID, Name: a.Name, SISAccountID: null(a.SISID), WorkflowState: null("active"), DefaultTimeZone: null("America/Detroit")}
		if a.ParentID != 0 {
			root := int64(university.RootAccountID)
			row.ParentAccountID, row.RootAccountID = &a.ParentID, &root
		} else {
			row.SISAccountID = nil
		}
		r.Accounts = append(r.Accounts, row)
	}
	slices.SortFunc(r.Terms, func(a, b Term) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.Accounts, func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.Courses, func(a, b Course) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.Enrollments, func(a, b Enrollment) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(r.Events, compareEvents)
	slices.SortFunc(r.Activity, func(a, b Activity) int {
		return cmp.Or(cmp.Compare(a.CourseID, b.CourseID), cmp.Compare(a.Date, b.Date))
	})
	return r
}

func compareEvents(a, b AuditEvent) int {
	return cmp.Or(cmp.Compare(a.CourseID, b.CourseID), a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
}

func courseOf(day *university.Day, i int) Course {
	c := day.Course(i)
	students, root := int64(day.TotalStudents(i)), int64(university.RootAccountID)
	row := Course{
		ID: c.ID, Name: c.Name, CourseCode: &c.Code, AccountID: c.AccountID, RootAccountID: &root, EnrollmentTermID: c.TermID,
		CreatedAt: seconds(c.CreatedAt), StartAt: c.StartAt, WorkflowState: c.State, SISCourseID: null(c.SISID), TotalStudents: &students,
		TimeZone: null("America/Detroit"),
	}
	if c.Nickname != "" {
		row.Name, row.OriginalName = c.Nickname, &c.Name
	}
	if c.Index%7 != 3 {
		row.IsPublic = &c.IsPublic
	}
	return row
}

func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// seconds cuts off what Canvas does not tell.
func seconds(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Second)
	return &t
}

func classAndHint(t *testing.T, err error, class fault.Class, hint string) {
	t.Helper()
	if got := fault.ClassOf(err); got != class {
		t.Errorf("class of %v is %v, want %v", err, got, class)
	}
	if !contains(fault.HintOf(err), hint) {
		t.Errorf("hint %q does not name %s", fault.HintOf(err), hint)
	}
}
