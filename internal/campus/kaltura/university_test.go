package kaltura

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// TestUniversity lists a day's media under the root and must find what the truth says.
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
	tables, err := u.Truth(university.Want{Date: date, Jobs: []string{university.JobMiVideo}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, row := range tables[1].Rows {
		want[row[0].(string)] = fmt.Sprint(row[1:]...)
	}
	entries := EntriesOn(day)
	base := serve(t, entries, nil)
	ks := login(t, base)
	got := map[string]string{}
	a := list(t, base, ks, `{"categoriesFullNameIn":"`+university.MediaRoot+`"}`, `{"pageSize":500}`)
	for _, o := range a.Objects {
		at := time.Unix(int64(o["createdAt"].(float64)), 0).UTC().Format(time.DateTime)
		got[o["id"].(string)] = fmt.Sprint(at, o["name"], int64(o["duration"].(float64)))
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 50 || len(want) >= len(entries) {
		t.Errorf("%d of %d entries (-truth +list): %s", len(want), len(entries), diff)
	}
}
