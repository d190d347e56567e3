package lake_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestScopeLost(t *testing.T) {
	two := lake.Scope{"terms": {164, 165}, "added courses": {}}
	for want, now := range map[string]lake.Scope{
		"":                                    {"terms": {165, 164, 166}, "added courses": {7}}, // a wider scope loses nothing
		"terms changed from 164, 165 to 165":  {"terms": {165}},
		"terms changed from 164, 165 to none": {"terms": {}},
	} {
		if got := now.Lost(two); got != want {
			t.Errorf("%v: %q, want %q", now, got, want)
		}
	}
	if got := (lake.Scope{}).Lost(two); got != "" {
		t.Errorf("a snapshot that does not tell its scope: %q", got)
	}
	added := lake.Scope{"terms": {165}, "added courses": {}}.Lost(lake.Scope{"terms": {164}, "added courses": {7, 8}})
	if want := "added courses changed from 7, 8 to none, terms changed from 164 to 165"; added != want {
		t.Errorf("%q, want %q", added, want)
	}
}

func TestScopeWith(t *testing.T) {
	got := lake.Scope{"terms": {165}, "account": {1}}.With(lake.Scope{"terms": {164, 165}, "added courses": nil})
	if diff := cmp.Diff(lake.Scope{"terms": {164, 165}, "account": {1}, "added courses": {}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := (lake.Scope)(nil).With(nil); got != nil {
		t.Errorf("no scopes make %v", got)
	}
}
