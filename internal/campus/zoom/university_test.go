package zoom

import (
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

func TestUniversity(t *testing.T) {
	date := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC)
	u, err := university.New(university.Params{Seed: 3, Courses: 60, Epoch: date.AddDate(0, 0, -20)})
	if err != nil {
		t.Fatal(err)
	}
	day, err := u.On(date)
	if err != nil {
		t.Fatal(err)
	}
	failures, pages := map[Failure]int{}, 0
	for i := range u.Courses() {
		id := day.Course(i).ID
		c := CourseOn(day, id)
		failures[c.Failure]++
		if len(c.Meetings) != len(day.Meetings(i)) {
			t.Errorf("course %d: %d meetings, %d in the model", id, len(c.Meetings), len(day.Meetings(i)))
		}
		if c.Failure == NoFailure && len(c.Meetings) > 20 && pages == 0 {
			r := open(t, id, c, nil)
			first, text := r.get("history", 1, "UTC")
			if first.Result == nil || first.Result.Total != len(c.Meetings) || first.Result.List[0].MeetingID != day.Meetings(i)[0].ID {
				t.Errorf("course %d: %s", id, text)
			}
			pages++
		}
	}
	if len(failures) != 5 || pages == 0 {
		t.Errorf("failures %v, %d courses with three pages", failures, pages)
	}
	if c := CourseOn(day, 1); len(c.Meetings) != 0 || c.Failure != NoFailure {
		t.Errorf("unknown course: %+v", c)
	}
}
