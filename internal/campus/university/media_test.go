package university

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// mediaCampus returns a university whose terms began some time ago.
func mediaCampus(t *testing.T, courses int) (*University, time.Time) {
	t.Helper()
	start := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	u, err := New(Params{Seed: 7, Courses: courses, Epoch: start})
	if err != nil {
		t.Fatal(err)
	}
	return u, start.AddDate(0, 0, 3)
}

func on(t *testing.T, u *University, date time.Time) *Day {
	t.Helper()
	d, err := u.On(date)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestNightlyReaderOfMedia reads the last week every night and must hold what the truth says.
func TestNightlyReaderOfMedia(t *testing.T) {
	u, since := mediaCampus(t, 60)
	held := map[string]Media{}
	for run := since; run.Before(since.AddDate(0, 0, 12)); run = run.AddDate(0, 0, 1) {
		from := run.AddDate(0, 0, -8)
		if run.Equal(since) {
			from = time.Time{}
		}
		for _, m := range on(t, u, run).Media() {
			if m.Listed() && !m.CreatedAt.Before(from) {
				held[m.ID] = m
			}
		}
		tables, err := u.Truth(Want{Date: run, Since: since, Jobs: []string{JobMiVideo}})
		if err != nil {
			t.Fatal(err)
		}
		var created, courses [][]any
		for _, id := range slices.Sorted(maps.Keys(held)) {
			m := held[id]
			created = append(created, []any{id, m.CreatedAt.Format(time.DateTime), m.Name, int64(m.Duration)})
			for _, p := range m.Places {
				courses = append(courses, []any{id, p.CourseID, map[bool]int64{true: 1}[p.InContext]})
			}
		}
		if diff := cmp.Diff(created, tables[1].Rows); diff != "" {
			t.Fatalf("%s: created (-nightly +truth): %s", run, diff)
		}
		if len(courses) != len(tables[2].Rows) || len(courses) < 50 {
			t.Fatalf("%s: %d places, truth has %d", run, len(courses), len(tables[2].Rows))
		}
	}
}

// TestNightlyReaderOfEvents replaces the hours of the last days every night and must hold
// what the truth says, which lacks the few events that come later still.
func TestNightlyReaderOfEvents(t *testing.T) {
	u, since := mediaCampus(t, 60)
	type key struct {
		hour   string
		course int64
	}
	counts := map[key]int64{}
	var all int64
	for run := since; run.Before(since.AddDate(0, 0, 12)); run = run.AddDate(0, 0, 1) {
		from := run.AddDate(0, 0, -1-LateDays)
		if run.Equal(since) {
			from = time.Time{}
		}
		maps.DeleteFunc(counts, func(k key, _ int64) bool { return k.hour >= from.Format("2006-01-02 15") })
		all = 0
		met := map[string]bool{}
		for e := range on(t, u, run).WatchEvents() {
			if e.Counts == 0 || !e.Time.Before(run) || met[e.ID] {
				continue
			}
			met[e.ID] = true
			all++
			if !e.Time.Before(from) {
				counts[key{e.Time.Format("2006-01-02 15"), e.Counts}]++
			}
		}
		tables, err := u.Truth(Want{Date: run, Since: since, Jobs: []string{JobMiVideo}})
		if err != nil {
			t.Fatal(err)
		}
		truth := map[key]int64{}
		for _, row := range tables[0].Rows {
			truth[key{row[0].(string), row[1].(int64)}] = row[3].(int64)
		}
		if diff := cmp.Diff(counts, truth); diff != "" {
			t.Fatalf("%s: hours (-nightly +truth): %s", run, diff)
		}
	}
	var found int64
	for _, n := range counts {
		found += n
	}
	if found >= all || found < all*95/100 {
		t.Errorf("nightly readers found %d of %d events: some, but few, must come too late", found, all)
	}
}

// TestStartOfMedia asks for what happened since a moment in the middle of an hour and of a second.
func TestStartOfMedia(t *testing.T) {
	u, since := mediaCampus(t, 60)
	start := since.AddDate(0, 0, -1).Add(30*time.Minute + time.Millisecond)
	tables, err := u.Truth(Want{Date: since, Start: start, Jobs: []string{"mivideo"}})
	if err != nil {
		t.Fatal(err)
	}
	events, media := int64(0), 0
	for _, row := range tables[0].Rows {
		events += row[3].(int64)
	}
	ids := map[string]bool{}
	for e := range on(t, u, since).WatchEvents() {
		if e.Counts != 0 && !ids[e.ID] && !e.Time.Before(start) && e.Time.Before(since) {
			events--
		}
		ids[e.ID] = true
	}
	for _, m := range on(t, u, since).Media() {
		if m.Listed() && !m.CreatedAt.Before(start) {
			media++
		}
	}
	if events != 0 || media != len(tables[1].Rows) || media == 0 {
		t.Errorf("%d events too many; %d media, truth has %d", events, media, len(tables[1].Rows))
	}
}

func TestMediaOddities(t *testing.T) {
	u, since := mediaCampus(t, 200)
	day := on(t, u, since.AddDate(0, 0, 10))
	states, seconds, ids, commas := map[MediaState]int{}, map[time.Time]int{}, map[string]bool{}, 0
	for _, m := range day.Media() {
		states[m.State]++
		seconds[m.CreatedAt]++
		if ids[m.ID] || len(m.ID) != 10 || !strings.Contains("01", m.ID[:1]) || m.ID[1] != '_' {
			t.Errorf("id %s", m.ID)
		}
		ids[m.ID] = true
		for _, c := range m.Categories {
			if strings.Contains(c, ",") {
				commas++
			}
		}
	}
	if len(states) != 7 || slices.Max(slices.Collect(maps.Values(seconds))) < 4 || commas == 0 {
		t.Errorf("states %v, largest upload %d, commas %d", states, slices.Max(slices.Collect(maps.Values(seconds))), commas)
	}
	forms, kinds, copies, late, edges := map[WatchForm]int{}, map[string]int{}, map[string]int{}, 0, 0
	for e := range day.WatchEvents() {
		forms[e.Form]++
		copies[e.ID]++
		kinds[e.Type+" "+e.Action]++
		if e.Stored.Sub(e.Time) > 24*time.Hour {
			late++
		}
		if e.Time.Equal(midnight(e.Time)) || e.Time.Equal(midnight(e.Time).Add(24*time.Hour-time.Microsecond)) {
			edges++
		}
	}
	if twice := slices.Max(slices.Collect(maps.Values(copies))); len(forms) != 5 || len(kinds) < 7 || late == 0 || edges < 40 || twice != 2 {
		t.Errorf("forms %v, kinds %v, %d late, %d at the edges of days, one %d times", forms, kinds, late, edges, twice)
	}
}
