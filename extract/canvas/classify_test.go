package canvas

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestClassify holds what Canvas and what stands before it answer against their class and remedy.
func TestClassify(t *testing.T) {
	const page = "<html><body>Request blocked</body></html>"
	noRight := `{"status":"unauthorized","errors":[{"message":"user not authorized to perform that action"}]}`
	for _, test := range []struct {
		status int
		body   string
		action rest.Action
		class  fault.Class
		hint   string
	}{
		{200, "[]", rest.Accept, fault.OK, ""},
		{304, "", rest.Refuse, fault.Config, otherHint},
		{400, `{"message":"bad"}`, rest.Refuse, fault.Config, otherHint},
		{400, "<html>The plain HTTP request was sent to HTTPS port", rest.Refuse, fault.Config, "https"},
		{401, `{"errors":[{"message":"Invalid access token."}]}`, rest.Refuse, fault.Permission, tokenHint},
		{401, noRight, rest.Refuse, fault.Permission, rightHint},
		{401, page, rest.Refuse, fault.Permission, beforeHint},
		{403, noRight, rest.Refuse, fault.Permission, rightHint},
		{403, page, rest.Refuse, fault.Permission, beforeHint},
		{403, "403 Forbidden (Rate Limit Exceeded)\n", rest.Slow, fault.OK, ""},
		{404, `{"errors":[{"message":"The specified resource does not exist."}]}`, rest.Refuse, fault.Unavailable, missingHint},
		{404, page, rest.Refuse, fault.Config, otherHint},
		{405, "", rest.Refuse, fault.Config, otherHint},
		{408, "", rest.Again, fault.OK, ""},
		{410, "", rest.Refuse, fault.Unavailable, missingHint},
		{429, "", rest.Slow, fault.OK, ""},
		{500, "{}", rest.Again, fault.OK, ""},
		{503, page, rest.Again, fault.OK, ""},
	} {
		v := classify(rest.Answer{Status: test.status, Header: http.Header{}, Body: []byte(test.body)})
		if v.Action != test.action || v.Class != test.class || !strings.Contains(v.Hint, test.hint) || v.Action == rest.Refuse && v.Hint == "" {
			t.Errorf("%d %.40s: %+v", test.status, test.body, v)
		}
	}
}

// vanishing answers every page but the first of the course lists with 404.
type vanishing struct{}

func (vanishing) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/courses") && r.URL.Query().Has("page") {
		r = r.Clone(r.Context())
		r.URL.Path = "/api/v1/accounts/999999/courses"
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestSecondPageGone says what happened: the account exists, as the first page came.
func TestSecondPageGone(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 5, Courses: 250})
	tuning := hasty
	tuning.Transport = vanishing{}
	source, err := open(configOf(s, false), extract.Env{}, tuning)
	if err != nil {
		t.Fatal(err)
	}
	p := extracttest.Plan(source, now)
	p.Tables = []string{"course"}
	_, err = extract.Run(t.Context(), extracttest.Lake(t), p)
	classAndHint(t, err, fault.Unavailable, "the pages before it came")
	if !contains(fmt.Sprint(err), "later page of the list") {
		t.Errorf("%v", err)
	}
}

// silenced has no analytics for any course.
type silenced struct{}

func (silenced) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, "/analytics/") {
		r = r.Clone(r.Context())
		r.URL.Path = "/api/v1/courses/999999/analytics/activity"
	}
	return http.DefaultTransport.RoundTrip(r)
}

// TestNoAnalytics does not blame the students where the account has no analytics.
func TestNoAnalytics(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 5, Courses: 30})
	tuning := hasty
	tuning.Transport = silenced{}
	source, err := open(configOf(s, false), extract.Env{}, tuning)
	if err != nil {
		t.Fatal(err)
	}
	l, p := extracttest.Lake(t), extracttest.Plan(source, now)
	p.Tables = []string{"course_activity"}
	if _, err := extract.Run(t.Context(), l, p); err != nil {
		t.Fatal(err)
	}
	m, err := l.Find(t.Context(), lake.Raw("canvas", "course_activity"), lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(m.Notes, " ")
	if checks := sourceChecks(m); len(checks) != 1 || checks[0].Name != "no_analytics" || !contains(notes, "disabled for the account") || contains(notes, "accepted the enrollment") {
		t.Errorf("checks %+v, notes %q", checks, notes)
	}
}
