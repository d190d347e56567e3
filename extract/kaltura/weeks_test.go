package kaltura

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// change gives an entry other categories, at times none below the root, or deletes it, or brings it back.
func change(r *rand.Rand, e *campus.Entry) {
	channel := func() string { return fmt.Sprintf("Canvas_UMich>site>channels>%d", 1+r.IntN(9)) }
	e.Status = campus.StatusReady
	switch r.IntN(5) {
	case 0:
		e.Categories = append(slices.Clone(e.Categories), channel()+">InContext")
	case 1:
		e.Categories = []string{channel()}
	case 2:
		e.Categories = []string{"Other>site"}
	case 3:
		e.Categories = nil
	case 4:
		e.Status = campus.StatusDeleted
	}
}

// shown is what a list tells of an entry's categories, "" where it does not show the entry.
func shown(e campus.Entry) string {
	if e.Status != campus.StatusReady || !strings.Contains(strings.Join(e.Categories, ","), "Canvas_UMich") {
		return ""
	}
	return strings.Join(e.Categories, ",")
}

// TestWeeks reads two months of nights, of which some and once three weeks are missed. Categories are given and removed at any time.
// What a table holds that has every entry as the newest date tells of it was true at most a week before, or since the night before the last
// where nights were missed.
func TestWeeks(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	w := newWorld(t, nil, nil)
	w.cfg.MIVideo.KalturaFullDays, w.cfg.MIVideo.KalturaOverlapDays = 7, 2
	l := extracttest.Lake(t)
	first := lake.DateOf(start).AddDays(1)
	truth := map[string]map[lake.Date]string{}
	kept := map[string]string{} // as the newest date tells
	var read []lake.Date
	full := 0
	for night := range 60 {
		date := first.AddDays(night)
		created := clip(fmt.Sprintf("1_%03d", night), date.Time().Add(-time.Hour).Sub(start))
		w.entries = append(w.entries, created)
		for range 3 {
			change(r, &w.entries[r.IntN(len(w.entries))])
		}
		for _, e := range w.entries {
			if truth[e.ID] == nil {
				truth[e.ID] = map[lake.Date]string{}
			}
			truth[e.ID][date] = shown(e)
		}
		if night > 20 && night < 42 || r.IntN(8) == 0 {
			continue
		}
		read = append(read, date)
		result, err := w.run(t, l, func(p *extract.Plan) {
			p.Date, p.Now = date, func() time.Time { return date.Time().Add(9 * time.Hour) }
		})
		if err != nil {
			t.Fatal(err)
		}
		if result.Tables[0].Interval.From.Equal(start) {
			full++
		}
		for _, m := range extracttest.Rows[Media](t, l, "raw/kaltura/media", date) {
			kept[m.ID] = ""
			if m.Categories != nil {
				kept[m.ID] = *m.Categories
			}
		}
		since := date.AddDays(-7) // a state of then may still be shown
		if n := len(read); n > 1 && read[n-2].Before(since) {
			since = date
		}
		for _, e := range w.entries {
			ok := false
			for d := since; !date.Before(d); d = d.AddDays(1) {
				ok = ok || truth[e.ID][d] == kept[e.ID]
			}
			if !ok {
				t.Errorf("%s: %s: %q is shown, today's is %q", date, e.ID, kept[e.ID], truth[e.ID][date])
			}
		}
	}
	if full < 5 || full > 9 {
		t.Errorf("%d of %d nights read everything", full, len(read))
	}
}

// TestFullDays looks when everything is read: every week, again where a date had it, never for a date that was missed long ago.
func TestFullDays(t *testing.T) {
	var daily []campus.Entry
	for day := range 80 {
		daily = append(daily, clip(fmt.Sprintf("1_%03d", day), time.Duration(day)*24*time.Hour))
	}
	w := newWorld(t, daily, nil)
	w.cfg.MIVideo.KalturaFullDays, w.cfg.MIVideo.KalturaOverlapDays = 7, 1
	l := extracttest.Lake(t)
	first := lake.DateOf(start).AddDays(3)
	for i, night := range []struct {
		date, today int // days after the first
		full        bool
	}{
		{0, 0, true}, {1, 1, false}, {6, 6, false}, {7, 7, true}, {7, 7, true}, {8, 8, false}, {13, 14, false}, {14, 15, true},
		{30, 60, false}, {40, 60, false}, {7, 60, true}, {60, 60, true}, {61, 61, false}, {66, 66, false}, {68, 68, true},
	} {
		date := first.AddDays(night.date)
		result, err := w.run(t, l, func(p *extract.Plan) {
			p.Date, p.Now = date, func() time.Time { return first.AddDays(night.today).Time().Add(9 * time.Hour) }
		})
		if err != nil {
			t.Fatal(err)
		}
		if full := result.Tables[0].Interval.From.Equal(start); full != night.full {
			t.Errorf("run %d, of %s: full is %v", i, date, full)
		}
	}
}

// TestUnlisted reads everything after entries have gone.
func TestUnlisted(t *testing.T) {
	w := newWorld(t, clips(4, 1), nil)
	l := extracttest.Lake(t)
	run := func(date lake.Date) extract.TableResult {
		result, err := w.run(t, l, func(p *extract.Plan) { p.Date, p.Full = date, true })
		if err != nil {
			t.Fatal(err)
		}
		return result.Tables[0]
	}
	today := lake.DateOf(now)
	run(today.AddDays(-1))
	w.entries[1].Categories, w.entries[2].Status = nil, campus.StatusDeleted
	for _, date := range []lake.Date{today, today} { // and again
		result := run(date)
		for i, m := range extracttest.Rows[Media](t, l, "raw/kaltura/media", date) {
			gone := i == 1 || i == 2
			if m.Listed == gone || (m.Categories == nil) != gone || m.Name == nil || *m.Name != w.entries[i].Name || *m.Duration != 60 {
				t.Errorf("entry %d: %+v", i, m)
			}
		}
		if !slices.Contains(result.Notes, "2 entries known before are not listed any more") || result.Rows != 4 {
			t.Errorf("%d rows, notes %q", result.Rows, result.Notes)
		}
		s, err := l.Find(t.Context(), "raw/kaltura/media", date)
		if err != nil || len(s.Inputs) != 1 || s.Counts.Found != 2 {
			t.Errorf("%v, inputs %v, counts %+v", err, s.Inputs, s.Counts)
		}
	}
}
