package kaltura

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// spoilt returns an answer with other entries.
func spoilt(body []byte, change func(string, map[string]any) any) []byte {
	var doc map[string]any
	if json.Unmarshal(body, &doc) != nil {
		return body
	}
	list, _ := doc["objects"].([]any)
	for i, o := range list {
		if e, ok := o.(map[string]any); ok {
			id, _ := e["id"].(string)
			list[i] = change(id, e)
		}
	}
	out, _ := json.Marshal(doc)
	return out
}

// TestOddEntries reads all entries on a second date, of which some are odd: what may be NULL is, an entry without what its row needs keeps the
// row of the first date, and all others are those of the second.
func TestOddEntries(t *testing.T) {
	const earlier, now2 = 3, 9 // plays
	for name, tc := range map[string]struct {
		spoil   func(id string, e map[string]any) any
		old     []int    // entries with their earlier rows
		names   []string // in the checks
		nulls   []int    // entries without a name
		missing int64    // from the counts
	}{
		"values that may be NULL": {spoil: func(id string, e map[string]any) any {
			if id == "1_00000002" {
				e["name"], e["duration"], e["updatedAt"] = []string{"x"}, "soon", 1e15
			}
			return e
		}, nulls: []int{2}, names: []string{"name of entry 1_00000002: an array", "duration of entry 1_00000002: \"soon\"", "updatedAt of entry 1_00000002: 1000000000000000"}},
		"no createdAt": {spoil: func(id string, e map[string]any) any {
			if id == "1_00000001" || id == "1_00000004" {
				delete(e, "createdAt")
			}
			return e
		}, old: []int{1, 4}, missing: 2, names: []string{"entry 1_00000001: createdAt: missing", "entry 1_00000004: createdAt: missing"}},
		"odd createdAt and categories": {spoil: func(id string, e map[string]any) any {
			switch id {
			case "1_00000001":
				e["createdAt"] = "yesterday"
			case "1_00000003":
				e["categories"] = map[string]any{"a": 1}
			case "1_00000006":
				e["createdAt"] = 0
			}
			return e
		}, old: []int{1, 3, 6}, missing: 3, names: []string{"entry 1_00000001: createdAt: \"yesterday\" cannot be read", "entry 1_00000003: categories: an object cannot be read", "entry 1_00000006: createdAt: 0 is no time"}},
		"no id": {spoil: func(id string, e map[string]any) any {
			if id == "1_00000001" || id == "1_00000002" {
				delete(e, "id")
			}
			return e
		}, old: []int{1, 2}, missing: 2, names: []string{"an entry without an id"}},
		"no object": {spoil: func(id string, e map[string]any) any {
			if id == "1_00000005" {
				return "gone"
			}
			return e
		}, old: []int{5}, missing: 1, names: []string{"an entry without an id"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, clips(7, 2), nil)
			w.size = 4
			l := extracttest.Lake(t)
			today := lake.DateOf(now)
			all := func(date lake.Date) error {
				_, err := w.run(t, l, func(p *extract.Plan) { p.Date, p.Full = date, true })
				return err
			}
			if err := all(today.AddDays(-1)); err != nil {
				t.Fatal(err)
			}
			for i := range w.entries {
				w.entries[i].Plays = now2
			}
			w.spoil = tc.spoil
			if err := all(today); err != nil {
				t.Fatal(err)
			}
			rows := extracttest.Rows[Media](t, l, "raw/kaltura/media", today)
			if len(rows) != len(w.entries) {
				t.Fatalf("%d rows", len(rows))
			}
			var old, nulls []int
			for i, m := range rows {
				if m.ID != w.entries[i].ID || !m.Listed || m.Categories == nil {
					t.Errorf("row %d: %+v", i, m)
				}
				if *m.Plays == earlier {
					old = append(old, i)
				}
				if m.Name == nil {
					nulls = append(nulls, i)
				}
			}
			if !cmp.Equal(tc.old, old) || !cmp.Equal(tc.nulls, nulls) {
				t.Errorf("rows of the first date %v, want %v; without a name %v, want %v", old, tc.old, nulls, tc.nulls)
			}
			s, err := l.Find(t.Context(), "raw/kaltura/media", today)
			if err != nil {
				t.Fatal(err)
			}
			said := strings.Join(s.Notes, "\n")
			for _, c := range s.Checks {
				said += strings.Join(c.Examples, "\n")
			}
			for _, want := range tc.names {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not in %s", want, said)
				}
			}
			if s.Counts.Expected != 7 || s.Counts.Found != 7-tc.missing {
				t.Errorf("counts %+v", s.Counts)
			}
			if odd := slices.ContainsFunc(s.Checks, func(c lake.Check) bool { return c.Name == "items_left_out" && c.Rows == tc.missing }); odd != (tc.missing > 0) {
				t.Errorf("checks %+v", s.Checks)
			}
		})
	}
}

// TestAllOdd reads entries of which none says when it was made: that is another form of the answer, and nothing is committed.
func TestAllOdd(t *testing.T) {
	w := newWorld(t, clips(40, 1), nil)
	w.size = 7
	w.spoil = func(_ string, e map[string]any) any {
		delete(e, "createdAt")
		return e
	}
	l := extracttest.Lake(t)
	_, err := w.run(t, l, nil)
	if fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), "40 items of 40 cannot be read, such as entry 1_00000000") {
		t.Errorf("%v", err)
	}
	if s, err := l.Find(t.Context(), "raw/kaltura/media", lake.DateOf(now.Add(time.Hour))); err == nil {
		t.Errorf("committed %s", s.Path)
	}
}
