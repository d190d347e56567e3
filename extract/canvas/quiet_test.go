package canvas

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// endedServer is a Canvas whose term ended on January 10, 2026. Course 1 has been quiet since then, course 2 ends later,
// and in course 3 somebody looks around every day.
type endedServer struct {
	mu    sync.Mutex
	today time.Time
	asked []string
}

func (s *endedServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Link", onlyPage)
	s.mu.Lock()
	defer s.mu.Unlock()
	day := s.today.Format(time.DateOnly)
	switch path := r.URL.Path; {
	case strings.Contains(path, "/terms/"):
		fmt.Fprint(w, `{"id":1,"name":"Autumn","end_at":"2026-01-10T05:00:00Z"}`)
	case strings.HasSuffix(path, "/accounts/1/courses"):
		const course = `{"id":%d,"name":"x","account_id":1,"enrollment_term_id":1,"workflow_state":"available","total_students":1,"end_at":%s}`
		fmt.Fprintf(w, "["+course+","+course+","+course+"]", 1, "null", 2, `"2026-04-01T00:00:00Z"`, 3, "null")
	case strings.HasSuffix(path, "/analytics/activity"):
		course := strings.Split(path, "/")[4]
		s.asked = append(s.asked, course)
		if course == "3" {
			fmt.Fprintf(w, `[{"date":"2026-01-09","views":1,"participations":0},{"date":%q,"views":7,"participations":1}]`, day)
			return
		}
		fmt.Fprint(w, `[{"date":"2026-01-09","views":3,"participations":0},{"date":"2026-01-08","views":2,"participations":2}]`)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// TestQuietCourses does not ask again for the activity of a course that is over and quiet, except once a week.
func TestQuietCourses(t *testing.T) {
	s := &endedServer{}
	server := httptest.NewServer(s)
	defer server.Close()
	cfg := &config.Config{MaxReqAttempts: 2, NumAsyncWorkers: 2, Canvas: config.Canvas{AccountID: 1, TermIDs: []int64{1}, URL: server.URL, Token: "token"}}
	l := extracttest.Lake(t)
	want := map[int]string{ // by day of January
		9: "1 2 3", 10: "1 2 3", 11: "1 2 3", 12: "1 2 3", 13: "2 3", 14: "2 3", 18: "2 3", 19: "1 2 3", 20: "2 3",
	}
	for day := 9; day <= 20; day++ {
		at := time.Date(2026, 1, day, 9, 0, 0, 0, time.UTC)
		s.today, s.asked = at, nil
		source, err := open(cfg, extract.Env{Now: func() time.Time { return at }}, hasty)
		if err != nil {
			t.Fatal(err)
		}
		p := extracttest.Plan(source, at)
		p.Tables = []string{"course_activity"}
		result, err := extract.Run(t.Context(), l, p)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(s.asked)
		asked := strings.Join(s.asked, " ")
		if w, told := want[day]; told && asked != w {
			t.Errorf("January %d: asked for %q, want %q", day, asked, w)
		}
		rows := extracttest.Rows[Activity](t, l, "raw/canvas/course_activity", lake.DateOf(at))
		var views []string
		for _, r := range rows {
			views = append(views, fmt.Sprintf("%d:%d", r.CourseID, r.Views))
		}
		wanted := []string{"1:2", "1:3", "2:2", "2:3", "3:1", "3:7"}
		if diff := cmp.Diff(wanted, views); diff != "" {
			t.Errorf("January %d (-want +got):\n%s", day, diff)
		}
		if quiet := asked == "2 3"; quiet != rows[0].FetchedAt.Before(at) || quiet != (len(result.Tables[0].Notes) == 1) {
			t.Errorf("January %d: course 1 was read %v, notes %q", day, rows[0].FetchedAt, result.Tables[0].Notes)
		}
	}
}
