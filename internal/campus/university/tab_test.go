package university

import (
	"strings"
	"testing"
	"time"
)

func TestPlacementTruth(t *testing.T) {
	u := make1(t, 7, 80)
	truth := func(date time.Time, added, types []int64) (placements, meetings [][]any) {
		t.Helper()
		tables, err := u.Truth(Want{Date: date, Jobs: []string{JobLTI}, CourseIDs: added, ToolIDs: types})
		if err != nil {
			t.Fatal(err)
		}
		return tables[0].Rows, tables[1].Rows
	}
	none := []int64{}
	placements, meetings := truth(monday, none, nil)
	if len(placements) < 10 || len(meetings) < 50 {
		t.Fatalf("%d placements, %d meetings", len(placements), len(meetings))
	}
	ids := map[any]bool{}
	for k, row := range placements {
		ids[row[0]] = true
		if k > 0 && row[0].(int64) <= placements[k-1][0].(int64) {
			t.Errorf("ids of placements do not rise at %v", row)
		}
		if tool := row[4].(int64); tool != 25194 && tool != 4352 {
			t.Errorf("placement of a tool that nobody asked for: %v", row)
		}
	}
	odd := 0
	for _, row := range meetings {
		if !ids[row[1]] {
			t.Fatalf("meeting of no placement: %v", row)
		}
		if strings.ContainsAny(row[2].(string), "/+") {
			odd++
		}
	}
	if odd == 0 {
		t.Error("no meeting's id holds / or +")
	}
	// Another type adds rows and changes no id.
	more, moreMeetings := truth(monday, none, []int64{25194, 4352, 1178})
	if len(more) <= len(placements) || len(moreMeetings) != len(meetings) {
		t.Errorf("with another type %d placements and %d meetings", len(more), len(moreMeetings))
	}
	for _, row := range more {
		if row[4].(int64) != 1178 && !ids[row[0]] {
			t.Errorf("placement %v has changed its id", row)
		}
	}
	// The default is a course outside the terms.
	if usual, _ := truth(monday, nil, nil); len(usual) <= len(placements) {
		t.Errorf("%d placements with the default courses, %d without", len(usual), len(placements))
	}
	// The next day brings more meetings.
	if _, next := truth(monday.AddDate(0, 0, 1), none, nil); len(next) <= len(meetings) {
		t.Errorf("%d meetings on the next day, %d before", len(next), len(meetings))
	}
	// An added course of another term counts, a deleted one does not.
	d := day(t, u, monday)
	for i := range u.Courses() {
		shown, _ := truth(monday, []int64{u.courses[i].id}, nil)
		if d.State(i) == StateDeleted && len(shown) != len(placements) {
			t.Errorf("deleted course %d was added", i)
		}
		if len(shown) < len(placements) {
			t.Errorf("adding course %d took placements away", i)
		}
	}
}

func TestMeetingsAreOver(t *testing.T) {
	u := make1(t, 3, 80)
	d, before := day(t, u, monday), day(t, u, monday.AddDate(0, 0, -1))
	for i := range u.Courses() {
		list := d.Meetings(i)
		seen := map[string]bool{}
		for k, m := range list {
			if seen[m.ID] || !m.Start.Before(monday) || k > 0 && m.Start.After(list[k-1].Start) {
				t.Fatalf("meeting %+v of course %d", m, i)
			}
			seen[m.ID] = true
		}
		if gone := before.Meetings(i); len(gone) > len(list) {
			t.Errorf("course %d loses meetings", i)
		}
	}
}
