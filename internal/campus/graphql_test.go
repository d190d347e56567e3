package campus

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ask runs a query and returns the body of the answer, which must be a 200.
func ask(t *testing.T, c *Campus, token string, in map[string]any) string {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/api/graphql", jsonBody(in))
	r.Header.Set("Authorization", "Bearer "+token)
	c.Handler().ServeHTTP(w, r)
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestGraphQLLimits(t *testing.T) {
	c, token := newCampus(t, Options{})
	aliases := func(n int) string {
		var b strings.Builder
		for k := range n {
			fmt.Fprintf(&b, "c%d: course(id: 100006) {_id}\n", k)
		}
		return "{" + b.String() + "}"
	}
	nested := func(depth int) string { // two levels per turn
		turns := (depth - 2) / 4
		return "{course(id: 100006) {" + strings.Repeat("enrollmentsConnection(first: 1) {nodes {course {", turns) + "_id" +
			strings.Repeat("}}}", turns) + "}}"
	}
	heavy := `{course(id: 100006) {enrollmentsConnection(first: 100) {nodes {course {enrollmentsConnection(first: 100) {nodes ` +
		`{_id id state type user {_id id} section {_id id} a: course {_id id name courseCode state sisId} b: course {_id id name courseCode state sisId} c: course {_id id name courseCode state sisId}  d: course {_id id name courseCode state sisId} e: course {_id id name} } } } } } }}`
	for _, tt := range []struct {
		name, query, complaint string
	}{
		{"20 aliases", aliases(20), ""},
		{"21 aliases", aliases(21), "exceeds max aliases of 20"},
		{"aliases in fragments", "{course(id: 1) {...f}} fragment f on Course {" + strings.Repeat("x: _id ", 21) + "}", "exceeds max aliases of 20"},
		{"depth", nested(12), ""},
		{"too deep", nested(24), "exceeds max depth of 15"},
		{"complexity", heavy, "exceeds max complexity of 375000"},
		{"tokens", "{course(id: 1) {" + strings.Repeat("_id ", 5001) + "}}", "too large"},
		{"unknown field", "{course(id: 1) {shoeSize}}", "Cannot query field"},
		{"no query", "{course(id: ", "Syntax Error"},
	} {
		var out struct {
			Data   json.RawMessage
			Errors []struct{ Message string }
		}
		body := ask(t, c, token, map[string]any{"query": tt.query})
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatal(err)
		}
		switch {
		case tt.complaint == "" && (out.Errors != nil || out.Data == nil):
			t.Errorf("%s: %s", tt.name, body)
		case tt.complaint != "" && (out.Data != nil || len(out.Errors) == 0 || !strings.Contains(out.Errors[0].Message, tt.complaint)):
			t.Errorf("%s: %s", tt.name, body)
		}
	}
}

func TestGraphQLConnection(t *testing.T) {
	c, token := newCampus(t, Options{})
	last := c.model.Courses() - 1 // on another shard: its id must not pass through a float
	big := c.day.Load().Course(last).ID
	var large int64
	for i := range c.model.Courses() {
		if len(c.day.Load().Enrollments(i)) > 300 {
			large = c.day.Load().Course(i).ID
		}
	}
	const query = `query Q($id: ID!, $n: Int, $after: String) {course(id: $id) {_id enrollmentsConnection(first: $n, after: $after)
		{nodes {_id type state section {_id name} user {_id} course {_id}} pageInfo {endCursor hasNextPage}}}}`
	for _, tt := range []struct {
		name      string
		variables map[string]any
		rows      int
		end       string
		more      bool
	}{
		{"default page", map[string]any{"id": large, "after": ""}, 20, "MjA", true},
		{"page size", map[string]any{"id": large, "n": 75}, 75, "NzU", true},
		{"clamped page", map[string]any{"id": fmt.Sprint(large), "n": 500}, 100, "MTAw", true},
		{"second page", map[string]any{"id": large, "n": 75, "after": "NzU"}, 75, "MTUw", true},
		{"beyond the end", map[string]any{"id": large, "n": 75, "after": cursor(100000)}, 0, "", false},
		{"number beyond 2^53", map[string]any{"id": big, "n": 1}, 1, "MQ", true},
	} {
		var out struct {
			Data struct {
				Course struct {
					ID   string `json:"_id"`
					List struct {
						Nodes []struct {
							ID string `json:"_id"`
						}
						PageInfo struct {
							EndCursor   *string
							HasNextPage bool
						}
					} `json:"enrollmentsConnection"`
				}
			}
		}
		body := ask(t, c, token, map[string]any{"query": query, "variables": tt.variables})
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatalf("%s: %v: %s", tt.name, err, body)
		}
		list := out.Data.Course.List
		if out.Data.Course.ID != fmt.Sprint(tt.variables["id"]) || len(list.Nodes) != tt.rows || list.PageInfo.HasNextPage != tt.more ||
			(list.PageInfo.EndCursor == nil) != (tt.end == "") || tt.end != "" && *list.PageInfo.EndCursor != tt.end {
			t.Errorf("%s: course %s, %d rows, %+v", tt.name, out.Data.Course.ID, len(list.Nodes), list.PageInfo)
		}
	}
	if body := ask(t, c, token, map[string]any{"query": `{course(id: "5") {_id}}`}); body != `{"data":{"course":null}}` {
		t.Errorf("missing course: %s", body)
	}
	noRoster := c.Info("").LesserTokens["no_roster"]
	if body := ask(t, c, noRoster, map[string]any{"query": `{course(id: 100006) {enrollmentsConnection {nodes {_id}}}}`}); body != `{"data":{"course":{"enrollmentsConnection":null}}}` {
		t.Errorf("no right to the roster: %s", body)
	}
}

// The counts by which a client can check a crawl agree with the enrollments.
func TestGraphQLCounts(t *testing.T) {
	c, token := newCampus(t, Options{})
	body := ask(t, c, token, map[string]any{"query": `{course(id: 100006) {usersConnectionCount
		usersConnection(first: 100) {nodes {_id}} sectionsConnection {nodes {_id name userCount}}
		students: enrollmentsConnection(first: 100, filter: {types: [StudentEnrollment], states: [active]}) {nodes {state type} edges {cursor node {_id}}}}}`})
	var out struct {
		Data struct {
			Course struct {
				Count    int                                       `json:"usersConnectionCount"`
				Users    struct{ Nodes []any }                     `json:"usersConnection"`
				Sections struct{ Nodes []struct{ UserCount int } } `json:"sectionsConnection"`
				Students struct {
					Nodes []struct{ State, Type string }
					Edges []struct{ Cursor string }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatal(err)
	}
	course := out.Data.Course
	if course.Count == 0 || course.Count != len(course.Users.Nodes) || len(course.Sections.Nodes) != 1 || course.Sections.Nodes[0].UserCount != course.Count {
		t.Errorf("counts: %s", body)
	}
	if len(course.Students.Nodes) == 0 || len(course.Students.Edges) != len(course.Students.Nodes) || course.Students.Edges[0].Cursor != "MQ" {
		t.Errorf("students: %+v", course.Students)
	}
	for _, n := range course.Students.Nodes {
		if n.State != "active" || n.Type != "StudentEnrollment" {
			t.Errorf("filter lets %v pass", n)
		}
	}
}

func TestControl(t *testing.T) {
	c, token := newCampus(t, Options{})
	post := func(path string) (int, string) {
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, nil))
		return w.Code, strings.TrimSpace(w.Body.String())
	}
	if code, body := post("/_campus/day?date=2026-03-05"); code != 200 || body != `{"date":"2026-03-05"}` {
		t.Errorf("%d %s", code, body)
	}
	if _, _, body := get(t, c, "", "/_campus/healthz"); !strings.Contains(body, "2026-03-05") {
		t.Errorf("health: %s", body)
	}
	for _, date := range []string{"soon", "2025-12-31"} {
		if code, body := post("/_campus/day?date=" + date); code != 400 {
			t.Errorf("%s: %d %s", date, code, body)
		}
	}
	get(t, c, token, "/api/v1/accounts/1")
	var s Stats
	_, _, body := get(t, c, "", "/_campus/stats")
	if err := json.Unmarshal([]byte(body), &s); err != nil || s.Total() != 1 || s.Tokens["canvas"].MaxInFlight != 1 || strings.Contains(body, token) {
		t.Errorf("statistics: %v %s", err, body)
	}
	post("/_campus/reset")
	if s := c.Stats(); s.Total() != 0 {
		t.Errorf("after a reset: %+v", s)
	}
	if _, _, body := get(t, c, "", "/_campus/truth?table=term"); strings.Count(body, "\n") != 2 {
		t.Errorf("truth: %s", body)
	}
	if code, _, body := get(t, c, "", "/_campus/truth?table=tern"); code != 400 || !strings.Contains(body, "canvas_course_usage") {
		t.Errorf("unknown table: %d %s", code, body)
	}
}
