package drop_test

import (
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func snapshot(rows int64, terms ...int64) lake.Snapshot {
	return lake.Snapshot{Manifest: lake.Manifest{Files: []lake.File{{Rows: rows}}, Scope: lake.Scope{"terms": terms}}}
}

func TestRows(t *testing.T) {
	for name, test := range map[string]struct {
		now, before     lake.Snapshot
		passed, warning bool
		want            string
	}{
		"as many":           {snapshot(80, 164), snapshot(100, 164), true, false, "at least 80 expected"},
		"too few":           {snapshot(79, 164), snapshot(100, 164), false, false, "79 rows, 100 on "},
		"a term less":       {snapshot(10, 165), snapshot(100, 164, 165), false, true, "terms changed from 164, 165 to 165; row limits not applied"},
		"another term":      {snapshot(10, 166), snapshot(100, 165), false, true, "terms changed from 165 to 166"},
		"nothing is left":   {snapshot(0, 165), snapshot(100, 164, 165), false, false, "terms changed"},
		"a term more":       {snapshot(10, 164, 165), snapshot(100, 164), false, false, "at least 80 expected"},
		"few of few":        {snapshot(1, 164), snapshot(5, 164), false, true, "too few to apply the limit"},
		"all of few":        {snapshot(0, 164), snapshot(1, 164), false, false, "0 rows"},
		"more than a few":   {snapshot(5, 164), snapshot(10, 164), false, false, "at least 8 expected"},
		"scope not told of": {lake.Snapshot{}, snapshot(100, 164), false, false, "0 rows"},
	} {
		c := drop.Rule{Max: 0.2}.Rows("raw/canvas/course", test.now.Manifest, &test.before)
		if c.Passed != test.passed || c.Warning != test.warning || !strings.Contains(c.Detail, test.want) {
			t.Errorf("%s: %+v", name, c)
		}
		c = drop.Rule{Max: 0.2, Accept: []string{"course"}}.Rows("raw/canvas/course", test.now.Manifest, &test.before)
		if !c.Passed && !c.Warning {
			t.Errorf("%s, accepted: %+v", name, c)
		}
	}
}

func TestColumn(t *testing.T) {
	before := snapshot(100, 164, 165)
	rule := drop.Rule{Max: 0.2}
	for name, test := range map[string]struct {
		now             drop.Share
		terms           []int64
		passed, warning bool
	}{
		"the same share of fewer rows": {drop.Share{Filled: 9, Rows: 20}, []int64{164, 165}, true, false},
		"a smaller share":              {drop.Share{Filled: 39, Rows: 100}, []int64{164, 165}, false, false},
		"of another term":              {drop.Share{Filled: 1, Rows: 100}, []int64{165}, false, true},
		"none of another term":         {drop.Share{Filled: 0, Rows: 100}, []int64{165}, false, false},
	} {
		c := rule.Column("raw/canvas/course", "sis_course_id", test.now, lake.Scope{"terms": test.terms}, drop.Share{Filled: 50, Rows: 100}, before)
		if c.Passed != test.passed || c.Warning != test.warning || !strings.Contains(c.Detail, "sis_course_id has a value in ") {
			t.Errorf("%s: %+v", name, c)
		}
	}
	for filled, warning := range map[int64]bool{1: true, 0: true} { // one of two terms has no dates any more, or neither
		c := rule.Column("raw/canvas/term", "end_at", drop.Share{Filled: filled, Rows: 2}, nil, drop.Share{Filled: 2, Rows: 2}, before)
		if c.Passed || c.Warning != warning {
			t.Errorf("%d of 2 terms: %+v", filled, c)
		}
	}
	strict := drop.Rule{}
	if c := strict.Rows("raw/canvas/term", snapshot(1).Manifest, new(snapshot(2))); c.Passed || c.Warning {
		t.Errorf("with a limit of 0: %+v", c)
	}
}

// TestAccepted lets tables lose more, and the remedy for others keeps what was accepted.
func TestAccepted(t *testing.T) {
	rule := drop.Rule{Accept: []string{"enrollment", "course"}, Made: []string{"course_section"}}
	if !rule.Accepts("course_section") || !rule.Accepts("course") || rule.Accepts("term") {
		t.Errorf("%+v", rule)
	}
	want := "look; if the loss is right, run the same command with --accept-drop course,enrollment,term"
	if got := rule.Remedy("look", []string{"term", "course"}); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
