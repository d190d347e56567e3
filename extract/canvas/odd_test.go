package canvas

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// spoiler passes requests on and puts something else in the place of some answers.
type spoiler struct {
	part string // of the paths of the requests that it spoils
	body string
}

func (s *spoiler) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && strings.Contains(r.URL.Path+"$", s.part) && resp.StatusCode == http.StatusOK {
		resp.Body.Close()
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader([]byte(s.body))), int64(len(s.body))
	}
	return resp, err
}

// TestOddAnswers puts whole JSON of another shape, and text that is no JSON, in the place of every kind of answer. It must never
// become a table.
func TestOddAnswers(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 5, Courses: 12})
	const html = "<html><body>Canvas is being updated.</body></html>"
	for table, test := range map[string]struct{ part, null string }{
		"term":               {"/terms/", `{"id":null}`},
		"account":            {"/sub_accounts$", `[{"id":1.5}]`},
		"course":             {"/accounts/1/courses$", `[{"id":12345678901234567890,"account_id":1,"enrollment_term_id":1,"workflow_state":"available","total_students":1}]`},
		"course_audit_event": {"/audit/", `{"events":null}`},
		"course_activity":    {"/analytics/activity", `[{"date":"yesterday","views":1,"participations":1}]`},
		"enrollment":         {"/graphql", `{"data":{"c0":{"_id":"1"}}}`},
		"tab":                {"/tabs$", `[{"id":null,"label":"x","type":"internal"}]`},
	} {
		for name, body := range map[string]string{"null": test.null, "another type": `"hello"`, "an empty object in a list": `[{}]`, "HTML": html, "nothing": "", "cut": `[{"id":`} {
			t.Run(table+" "+name, func(t *testing.T) {
				tuning := hasty
				tuning.Transport = &spoiler{test.part, body}
				cfg := configOf(s, false)
				cfg.MaxReqAttempts = 2
				source, err := open(cfg, extract.Env{}, tuning)
				if err != nil {
					t.Fatal(err)
				}
				l, p := extracttest.Lake(t), extracttest.Plan(source, now)
				p.Tables = []string{table}
				_, err = extract.Run(t.Context(), l, p)
				want := fault.Data
				if table == "account" && (name == "null" || name == "an empty object in a list") {
					want = fault.OK // accounts that the list does not tell are asked for one by one
				}
				if name == "HTML" || name == "nothing" || name == "cut" {
					want = fault.Unavailable
				}
				if table == "enrollment" {
					want = fault.OK // REST stands in for GraphQL
				}
				if class := fault.ClassOf(err); class != want || err != nil && fault.HintOf(err) == "" {
					t.Errorf("class %v of %v, hint %q", class, err, fault.HintOf(err))
				}
				if text := fmt.Sprint(err); len(text) > 3000 || contains(text, "being updated") {
					t.Errorf("the error repeats the answer: %.300s", text)
				}
				if dates, err := l.Dates(t.Context(), "raw/canvas/term"); err != nil || len(dates) > 0 {
					t.Errorf("committed: %v, %v", dates, err)
				}
			})
		}
	}
}
