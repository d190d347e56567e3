package zoom

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestEnoughForTheTables makes the tables that users read from the raw ones, in the plainest way, and compares them with
// what the university says that they hold.
func TestEnoughForTheTables(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 11, Courses: 120})
	cfg, l, d := configOf(s), extracttest.Lake(t), lake.DateOf(now)
	cfg.Canvas.AddCourseIDs = []int64{outsider(t, s.University())}
	withTabs(t, l, cfg)
	if _, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, cfg, nil), now)); err != nil {
		t.Fatal(err)
	}
	tabs := slices.DeleteFunc(extracttest.Rows[canvas.Tab](t, l, "raw/canvas/tab", d), func(tab canvas.Tab) bool {
		return !strings.HasPrefix(tab.TabID, toolPrefix) || tab.Hidden != nil && *tab.Hidden
	})
	tool := func(tab canvas.Tab) int64 {
		n, err := strconv.ParseInt(tab.TabID[len(toolPrefix):], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	slices.SortFunc(tabs, func(a, b canvas.Tab) int {
		return cmp.Or(cmp.Compare(a.CourseID, b.CourseID), cmp.Compare(tool(a), tool(b)))
	})
	var placements, meetings []string
	ids := map[[2]int64]int{}
	for i, tab := range tabs {
		ids[[2]int64{tab.CourseID, tool(tab)}] = i + 1
		if slices.Contains(university.DefaultLTITypes(), tool(tab)) {
			placements = append(placements, fmt.Sprint(i+1, tab.CourseID, tab.AccountID, tab.CourseName, tool(tab)))
		}
	}
	for i, m := range extracttest.Rows[Meeting](t, l, "raw/zoom/meeting", d) { // sorted as the ids are
		if slices.Contains(university.DefaultLTITypes(), m.ToolID) {
			meetings = append(meetings, fmt.Sprint(i+1, ids[[2]int64{m.CourseID, m.ToolID}], m.MeetingID, m.HostID, m.StartTimeText, *m.Status))
		}
	}
	truth, err := s.University().Truth(university.Want{Date: now, Jobs: []string{university.JobLTI}, TermIDs: s.TermIDs, CourseIDs: cfg.Canvas.AddCourseIDs})
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range [][]string{placements, meetings} {
		var want []string
		for _, row := range truth[i].Rows {
			want = append(want, fmt.Sprint(row...))
		}
		if diff := gocmp.Diff(want, got); diff != "" || len(want) < 10 {
			t.Errorf("%s has %d rows (-want +got):\n%.2000s", truth[i].Name, len(want), diff)
		}
	}
}

// outsider returns a course of another term than the default ones.
func outsider(t *testing.T, u *university.University) int64 {
	t.Helper()
	day, err := u.On(now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range u.Courses() {
		if c := day.Course(i); c.State == university.StateAvailable && !slices.Contains(u.DefaultTermIDs(), c.TermID) {
			return c.ID
		}
	}
	t.Fatal("no course of another term")
	return 0
}
