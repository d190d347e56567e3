package university

import (
	"fmt"
	"testing"
	"time"
)

// rows returns the enrollments of a day by id.
func rows(d *Day) map[int64]Enrollment {
	out := map[int64]Enrollment{}
	for i := range d.u.courses {
		for _, e := range d.Enrollments(i) {
			out[e.ID] = e
		}
	}
	return out
}

func TestADayChangesAboutFourPercent(t *testing.T) {
	for _, courses := range []int{50, 1000} {
		u := make1(t, 1, courses)
		var total, added, gone, changed int
		for k := range 5 {
			a, b := rows(day(t, u, monday.AddDate(0, 0, k))), rows(day(t, u, monday.AddDate(0, 0, k+1)))
			total += len(a)
			for id, e := range b {
				old, was := a[id]
				switch {
				case !was:
					added++
				case old.State != e.State || old.Section != e.Section:
					changed++
				case old.UserID != e.UserID || old.Type != e.Type:
					t.Fatalf("enrollment %d changed its user or type", id)
				}
			}
			for id := range a {
				if _, is := b[id]; !is {
					gone++
				}
			}
		}
		share := 100 * float64(added+gone+changed) / float64(total)
		t.Logf("%d courses: %.2f %% of the enrollments a day: %d new, %d gone, %d changed in 5 days of %d", courses, share, added, gone, changed, total/5)
		if share < 3 || share > 5 || added == 0 || gone == 0 || changed == 0 {
			t.Errorf("%d courses: %.2f %% change a day, want about 4", courses, share)
		}
	}
}

// Every kind of change happens on every day, even in a small university.
func TestEveryKindOfChange(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { everyKindOfChange(t, make1(t, seed, 50)) })
	}
}

func everyKindOfChange(t *testing.T, u *University) {
	for k := range 4 {
		a, b := day(t, u, monday.AddDate(0, 0, k)), day(t, u, monday.AddDate(0, 0, k+1))
		happened := map[string]int{}
		for i := range u.Courses() {
			x, y := a.Course(i), b.Course(i)
			if x.Name != y.Name {
				happened["renamed"]++
			}
			if x.State != y.State {
				happened[y.State]++
			}
			p, _ := a.Published(i)
			q, _ := b.Published(i)
			if x.State == StateAvailable && y.State == StateAvailable && !p.Equal(q) {
				happened["republished"]++
			}
			if a.TotalStudents(i) > 0 && b.TotalStudents(i) == 0 {
				happened["left"]++
			}
			if a.TotalStudents(i) == 0 && b.TotalStudents(i) > 0 {
				happened["came"]++
			}
			days, _ := b.Activity(i)
			for _, d := range days {
				if d.Date.Equal(b.Date()) {
					happened["activity"]++
				}
			}
		}
		for _, kind := range []string{"renamed", StateAvailable, StateUnpublished, "republished", "left", "came", "activity"} {
			if happened[kind] == 0 {
				t.Errorf("%s: nothing is %s", b.Date().Format(time.DateOnly), kind)
			}
		}
	}
	// New sections come every fifth day.
	sections := func(d *Day) map[int64]bool {
		out := map[int64]bool{}
		for _, e := range rows(d) {
			out[e.Section.ID] = true
		}
		return out
	}
	old, fresh := sections(day(t, u, monday)), 0
	for id := range sections(day(t, u, monday.AddDate(0, 0, 5))) {
		if !old[id] {
			fresh++
		}
	}
	if fresh == 0 {
		t.Error("no new section within five days")
	}
}

// A publication time, once seen by a nightly run, stays until the course leaves.
func TestPublishedIsRemembered(t *testing.T) {
	u := make1(t, 1, 50)
	last := monday.AddDate(0, 0, 9)
	alone, err := u.Truth(Want{Date: last})
	if err != nil {
		t.Fatal(err)
	}
	nightly, err := u.Truth(Want{Date: last, Since: monday})
	if err != nil {
		t.Fatal(err)
	}
	at := func(tables []Table, id int64) any {
		for _, row := range tables[2].Rows {
			if row[0] == id {
				return row[6]
			}
		}
		t.Fatalf("course %d: not in the truth", id)
		return nil
	}
	var checked int
	for i := range u.Courses() {
		id := u.courses[i].id
		switch u.courses[i].role {
		case Republishes:
			checked++
			first, _ := day(t, u, monday).Published(i)
			if got := at(nightly, id); got != moment(&first) {
				t.Errorf("course %d, published again: %v after nightly runs, want the time of the first, %v", id, got, moment(&first))
			}
			newest, _ := day(t, u, last).Published(i)
			if got := at(alone, id); got != moment(&newest) {
				t.Errorf("course %d: %v on a single run, want the newest, %v", id, got, moment(&newest))
			}
		case Publishes:
			checked++
			if at(nightly, id) == nil {
				t.Errorf("course %d was published before, and forgotten", id)
			}
		}
	}
	if checked < 6 {
		t.Errorf("only %d courses checked", checked)
	}
}

func TestBeforeTheFirstDay(t *testing.T) {
	u := make1(t, 1, 5)
	if _, err := u.On(u.Epoch().AddDate(0, 0, -1)); err == nil {
		t.Error("a day before the first is served")
	}
}
