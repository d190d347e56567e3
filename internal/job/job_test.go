package job_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
)

// TestSchemaNames holds the names that a configuration may use against the jobs that there are.
func TestSchemaNames(t *testing.T) {
	text, err := os.ReadFile("../../config/env_schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			JobNames struct {
				Items struct{ Enum []string }
			} `json:"JOB_NAMES"`
		}
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(job.Names(), schema.Properties.JobNames.Items.Enum); diff != "" {
		t.Errorf("names of the jobs (-jobs +schema):\n%s", diff)
	}
}

func TestSelect(t *testing.T) {
	selected, err := job.Select([]string{"canvas_lti", "COURSE_INVENTORY"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, j := range selected {
		names = append(names, j.Name)
	}
	if want := []string{"COURSE_INVENTORY", "CANVAS_LTI"}; !slices.Equal(names, want) {
		t.Errorf("selected %v, want %v, in the order in which they run", names, want)
	}
	if _, err := job.Select([]string{"GRADES"}); fault.ClassOf(err) != fault.Config {
		t.Errorf("an unknown job: %v", err)
	}
}
