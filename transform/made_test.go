package transform_test

import (
	"slices"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/transform"
)

func TestMadeFrom(t *testing.T) {
	for table, want := range map[string][]string{
		"course_section_dim": {"course_section"},
		"course_activity":    {"canvas_course_usage"},
		"tab":                {"lti_placement", "lti_zoom_meeting"},
		"account":            {"course", "account", "enrollment", "course_section", "canvas_course_usage"},
		"unizin_metadata":    nil,
	} {
		if got := transform.MadeFrom([]string{table}); !slices.Equal(got, want) {
			t.Errorf("from %s: %v, want %v", table, got, want)
		}
	}
}
