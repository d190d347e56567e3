package canvas

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// rosterServer is a Canvas of courses 1 to courses with 5 students each, told on pages of two. Enrollment
// ids are 100*course+1 to 100*course+5, users 1 to 5, the section is 10*course.
type rosterServer struct {
	courses     int
	page        func(course, from int) string // of GraphQL's connection; "" is the true one
	tooMany     int                           // courses per request that are answered with 504
	deleted     []int                         // courses that are gone when somebody looks
	left        int                           // students of course 3 who left since the list was made
	users       int                           // people of course 3 that GraphQL counts
	cannotCount bool
	section     int            // people of course 3's only section that GraphQL counts, if it cannot count a course's
	seat        map[int]string // by id: what REST gives in place of an enrollment
	noREST      bool           // enrollments are not given by REST either
	fails       int            // course whose requests are answered with 504
	rest        atomic.Int64   // courses read by REST
	biggest     atomic.Int64   // batch that was answered
}

func node(course, n int) string {
	return fmt.Sprintf(`{"_id":"%d","state":"active","type":"StudentEnrollment","section":{"_id":"%d","name":"S%d"},"user":{"_id":"%d"}}`, 100*course+n, 10*course, course, n)
}

func connection(next string, nodes ...string) string {
	cursor := "null"
	if next != "" {
		cursor = strconv.Quote(next)
	}
	return fmt.Sprintf(`{"nodes":[%s],"pageInfo":{"endCursor":%s,"hasNextPage":%t}}`, strings.Join(nodes, ","), cursor, next != "")
}

func truePage(course, from int) string {
	if from == 4 {
		return connection("", node(course, 5))
	}
	return connection(strconv.Itoa(from+2), node(course, from+1), node(course, from+2))
}

// onlyPage is the Link header of a list of one page.
const onlyPage = `<http://canvas/list?page=1&per_page=100>; rel="current",<http://canvas/list?page=1&per_page=100>; rel="first"`

func (s *rosterServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Link", onlyPage)
	switch path := r.URL.Path; {
	case path == "/api/graphql":
		s.graphql(w, r)
	case strings.HasSuffix(path, "/courses"):
		var list []string
		for c := 1; c <= s.courses; c++ {
			list = append(list, fmt.Sprintf(`{"id":%d,"name":"C","account_id":1,"enrollment_term_id":1,"workflow_state":"available","total_students":5}`, c))
		}
		fmt.Fprintf(w, "[%s]", strings.Join(list, ","))
	case strings.HasSuffix(path, "/enrollments"):
		s.rest.Add(1)
		if s.noREST {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		var c int
		fmt.Sscanf(path, "/api/v1/courses/%d/", &c)
		var list []string
		for n := 1; n <= 5-s.gone(c); n++ {
			one := fmt.Sprintf(`{"id":%d,"course_section_id":%d,"user_id":%d,"enrollment_state":"active","type":"StudentEnrollment"}`, 100*c+n, 10*c, n)
			if odd := s.seat[100*c+n]; odd != "" {
				one = odd
			}
			list = append(list, one)
		}
		fmt.Fprintf(w, "[%s]", strings.Join(list, ","))
	case strings.HasPrefix(path, "/api/v1/courses/") && strings.Count(path, "/") == 4:
		var c int
		fmt.Sscanf(path, "/api/v1/courses/%d", &c)
		if slices.Contains(s.deleted, c) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `{"id":%d,"total_students":%d}`, c, 5-s.gone(c))
	case strings.HasSuffix(path, "/sections"):
		var c int
		fmt.Sscanf(path, "/api/v1/courses/%d/", &c)
		fmt.Fprintf(w, `[{"id":%d,"name":"S%d"}]`, 10*c, c)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *rosterServer) gone(course int) int {
	if course == 3 {
		return s.left
	}
	return 0
}

func (s *rosterServer) graphql(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Query     string
		Variables map[string]string
	}
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if strings.Contains(in.Query, userCount) && s.users == 0 {
		fmt.Fprint(w, `{"errors":[{"message":"Field 'usersConnectionCount' doesn't exist on type 'Course'","path":["query Enrollments","c0","usersConnectionCount"]}]}`)
		return
	}
	if strings.Contains(in.Query, sectionList) && s.section == 0 {
		fmt.Fprint(w, `{"errors":[{"message":"Field 'userCount' doesn't exist on type 'Section'"}]}`)
		return
	}
	n := strings.Count(in.Query, "course(id:")
	if s.tooMany > 0 && n >= s.tooMany {
		w.WriteHeader(http.StatusGatewayTimeout)
		return
	}
	for old := s.biggest.Load(); int64(n) > old && !s.biggest.CompareAndSwap(old, int64(n)); old = s.biggest.Load() {
	}
	var data, errs []string
	for i := range n {
		course, _ := strconv.Atoi(in.Variables[fmt.Sprintf("c%d", i)])
		if course == s.fails {
			w.WriteHeader(http.StatusGatewayTimeout)
			return
		}
		from, _ := strconv.Atoi(in.Variables[fmt.Sprintf("after%d", i)])
		page := ""
		if s.page != nil {
			page = s.page(course, from)
		}
		switch page {
		case "":
			page = truePage(course, from)
		case "error":
			errs = append(errs, fmt.Sprintf(`{"message":"Cannot return null","path":["c%d","enrollmentsConnection","nodes",0]}`, i))
			page = `{"nodes":[null],"pageInfo":{"endCursor":null,"hasNextPage":false}}`
		case "course null":
			data = append(data, fmt.Sprintf(`"c%d":null`, i))
			continue
		}
		users := 5 - s.gone(course)
		if course == 3 && s.users > 0 {
			users = s.users
		}
		count := ""
		if strings.Contains(in.Query, userCount) {
			count = fmt.Sprintf(`"usersConnectionCount":%d,`, users)
		}
		if strings.Contains(in.Query, sectionList) {
			users = 5 - s.gone(course)
			if course == 3 {
				users = s.section
			}
			count = fmt.Sprintf(`"sectionsConnection":{"nodes":[{"_id":"%d","userCount":%d}]},`, 10*course, users)
		}
		data = append(data, fmt.Sprintf(`"c%d":{"_id":"%d",%s"enrollmentsConnection":%s}`, i, course, count, page))
	}
	fmt.Fprintf(w, `{"data":{%s},"errors":[%s]}`, strings.Join(data, ","), strings.Join(errs, ","))
}

// read extracts the enrollments of a server.
func (s *rosterServer) read(t *testing.T) ([]Enrollment, extract.TableResult, error) {
	t.Helper()
	if s.users == 0 && !s.cannotCount {
		s.users = 5
	}
	server := httptest.NewServer(s)
	defer server.Close()
	cfg := &config.Config{MaxReqAttempts: 3, NumAsyncWorkers: 4, Canvas: config.Canvas{AccountID: 1, TermIDs: []int64{1}, URL: server.URL, Token: "token", GraphQLBatch: 20}}
	l := extracttest.Lake(t)
	p := extracttest.Plan(openHasty(t, cfg), now)
	p.Tables = []string{"enrollment"}
	result, err := extract.Run(t.Context(), l, p)
	if err != nil {
		return nil, result.Tables[0], err
	}
	rows := extracttest.Rows[Enrollment](t, l, "raw/canvas/enrollment", lake.DateOf(now))
	for i := range rows {
		rows[i].FetchedAt = time.Time{}
	}
	return rows, result.Tables[0], nil
}

func (s *rosterServer) truth() []Enrollment {
	var rows []Enrollment
	for c := int64(1); c <= int64(s.courses); c++ {
		for n := int64(1); n <= 5; n++ {
			section, name, user := 10*c, fmt.Sprintf("S%d", c), n
			rows = append(rows, Enrollment{ID: 100*c + n, CourseID: c, SectionID: &section, SectionName: &name, UserID: &user, State: "active", Type: "StudentEnrollment"})
		}
	}
	return rows
}

func TestRoster(t *testing.T) {
	for name, test := range map[string]struct {
		server  *rosterServer
		rest    int64 // courses read again
		biggest int64
		notes   int
	}{
		"one page after the other": {server: &rosterServer{courses: 45}, biggest: 20},
		"heavy":                    {server: &rosterServer{courses: 45, tooMany: 4}, biggest: 3},
		"one at a time":            {server: &rosterServer{courses: 5, tooMany: 2}, biggest: 1},
		"repeated row": {rest: 1, notes: 1, biggest: 7, server: &rosterServer{courses: 7, page: func(c, from int) string {
			if c == 3 && from == 2 {
				return connection("4", node(c, 2), node(c, 4)) // 3 is missing
			}
			return ""
		}}},
		"cursor does not move": {rest: 1, notes: 1, biggest: 7, server: &rosterServer{courses: 7, page: func(c, from int) string {
			if c == 3 && from == 2 {
				return connection("2", node(c, 3))
			}
			return ""
		}}},
		"no cursor": {rest: 1, notes: 1, biggest: 7, server: &rosterServer{courses: 7, page: func(c, from int) string {
			if c == 3 {
				return `{"nodes":[],"pageInfo":{"endCursor":null,"hasNextPage":true}}`
			}
			return ""
		}}},
		"too few students": {rest: 1, notes: 1, biggest: 7, server: &rosterServer{courses: 7, page: func(c, from int) string {
			if c == 3 {
				return connection("", node(c, 1))
			}
			return ""
		}}},
		"course always fails": {server: &rosterServer{courses: 7, fails: 3}, rest: 1, notes: 2, biggest: 7},
		"error in a course": {rest: 1, notes: 2, biggest: 7, server: &rosterServer{courses: 7, page: func(c, _ int) string {
			if c == 3 {
				return "error"
			}
			return ""
		}}},
		"new cursors without rows": {rest: 1, notes: 1, biggest: 7, server: &rosterServer{courses: 7, page: func(c, from int) string {
			if c == 3 {
				return connection(strconv.Itoa(from + 100))
			}
			return ""
		}}},
		"a page is short": {rest: 1, notes: 2, biggest: 7, server: &rosterServer{courses: 7, cannotCount: true, page: func(c, from int) string {
			if c == 3 && from == 0 {
				return connection("2", strings.Replace(node(c, 1), "Student", "Teacher", 1), node(c, 2))
			} else if c == 3 && from == 2 {
				return connection("4", node(c, 3))
			}
			return ""
		}}},
		"people not counted":                {server: &rosterServer{courses: 30, cannotCount: true}, biggest: 20, notes: 1},
		"people are counted by section":     {server: &rosterServer{courses: 7, cannotCount: true, section: 5}, biggest: 7},
		"more people of a section":          {server: &rosterServer{courses: 7, cannotCount: true, section: 6}, rest: 2, notes: 2, biggest: 7},
		"people of other kinds are counted": {server: &rosterServer{courses: 7, users: 6}, rest: 2, notes: 2, biggest: 7},
		"fewer people are counted":          {server: &rosterServer{courses: 7, users: 3}, biggest: 7},
		"one has left": {rest: 1, notes: 1, biggest: 7, server: &rosterServer{courses: 7, left: 1, users: 4, page: func(c, from int) string {
			if c == 3 && from == 4 {
				return connection("")
			}
			return ""
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			rows, result, err := test.server.read(t)
			if err != nil {
				t.Fatal(err)
			}
			want := test.server.truth()
			if test.server.left > 0 {
				want = slices.DeleteFunc(want, func(e Enrollment) bool { return e.ID == 305 })
			}
			if diff := cmp.Diff(want, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%.2000s", diff)
			}
			if n := test.server.rest.Load(); n != test.rest || len(result.Notes) != test.notes {
				t.Errorf("%d courses read by REST, notes %q", n, result.Notes)
			}
			if n := test.server.biggest.Load(); n != test.biggest {
				t.Errorf("biggest batch %d, want %d", n, test.biggest)
			}
		})
	}
}

// TestNullsInNodes keeps an enrollment without a user or section.
func TestNullsInNodes(t *testing.T) {
	s := &rosterServer{courses: 1, page: func(c, _ int) string {
		nulls := `{"_id":"199","state":"inactive","type":"ObserverEnrollment","section":null,"user":null}`
		return connection("", nulls, node(c, 1), node(c, 2), node(c, 3), node(c, 4), node(c, 5))
	}}
	rows, _, err := s.read(t)
	if err != nil {
		t.Fatal(err)
	}
	want := append(s.truth(), Enrollment{ID: 199, CourseID: 1, State: "inactive", Type: "ObserverEnrollment"})
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestCoursesThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		page  string
		class fault.Class
		hint  string
		text  string
	}{
		"course null":     {"course null", fault.Unavailable, "look at these courses", "it is null"},
		"connection null": {"null", fault.Permission, "roster", "its enrollments are null"},
		"node without id": {`{"nodes":[{"state":"active","type":"X"}],"pageInfo":{"endCursor":null,"hasNextPage":false}}`, fault.Unavailable, "look at these courses", "nodes: _id, state or type missing from all of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &rosterServer{courses: 30, noREST: true, page: func(c, _ int) string {
				if c == 3 || c == 17 {
					return test.page
				}
				return ""
			}}
			_, _, err := s.read(t)
			classAndHint(t, err, test.class, test.hint)
			for _, part := range []string{"2 courses cannot be read", "course 3 (enrollment): ", "course 17 (enrollment): ", test.text} {
				if !contains(fmt.Sprint(err), part) {
					t.Errorf("%q is not in %v", part, err)
				}
			}
		})
	}
}

func TestIdent(t *testing.T) {
	for text, want := range map[string]int64{
		`17700000000123456`: 17700000000123456, `"17700000000123456"`: 17700000000123456, `9223372036854775807`: 9223372036854775807, `0`: 0,
		`1.5`: -1, `1e3`: -1, `""`: -1, `"x"`: -1, `"+1"`: -1, `true`: -1, `9223372036854775808`: -1, `[1]`: -1,
	} {
		var got struct{ ID *ident }
		err := json.Unmarshal([]byte(`{"ID":`+text+`}`), &got)
		if want < 0 {
			if err == nil {
				t.Errorf("%s is taken for %d", text, *got.ID)
			}
			continue
		}
		if err != nil || int64(*got.ID) != want {
			t.Errorf("%s: %v, %v", text, got.ID, err)
		}
	}
	var got struct{ ID *ident }
	if err := json.Unmarshal([]byte(`{"ID":null}`), &got); err != nil || got.ID != nil {
		t.Errorf("null: %v, %v", got.ID, err)
	}
}
