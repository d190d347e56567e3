// Package job lists the jobs that JOB_NAMES can name: which raw tables each needs, which curated tables it
// fills, and under which names its data sources stand in data_source_status.
package job

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Job is one unit of work: what is extracted, transformed and loaded together.
type Job struct {
	Name    string
	Sources []Source
	Tables  []string // curated tables, parents before children
}

// Source is one extract's share of a job.
type Source struct {
	Name       string   // of the extract, as in raw/<name>/ and extract-<name>
	DataSource string   // the name in data_source_status
	Tables     []string // raw tables
}

// All returns the jobs in the order in which they run.
func All() []Job {
	return []Job{
		{
			Name: "COURSE_INVENTORY",
			Sources: []Source{
				{Name: "canvas", DataSource: "CANVAS_API", Tables: []string{"term", "account", "course", "course_audit_event", "course_activity", "enrollment"}},
				{Name: "udw", DataSource: "UNIZIN_DATA_WAREHOUSE", Tables: []string{"course_section_dim", "unizin_metadata"}},
			},
			Tables: []string{"account", "term", "course", "course_section", "enrollment", "canvas_course_usage"},
		},
		{
			Name: "MIVIDEO",
			Sources: []Source{
				{Name: "udp", DataSource: "UNIZIN_DATA_PLATFORM_EVENTS", Tables: []string{"event"}},
				{Name: "kaltura", DataSource: "KALTURA_API", Tables: []string{"media"}},
			},
			Tables: []string{"mivideo_media_started_hourly", "mivideo_media_created", "mivideo_media_courses"},
		},
		{
			Name: "CANVAS_LTI",
			Sources: []Source{
				{Name: "canvas", DataSource: "CANVAS_LTI", Tables: []string{"tab"}},
				{Name: "zoom", DataSource: "CANVAS_LTI", Tables: []string{"meeting"}},
			},
			Tables: []string{"lti_placement", "lti_zoom_meeting"},
		},
	}
}

// Select returns the jobs of the given names, in any case, in the order in which they run.
func Select(names []string) ([]Job, error) {
	all := All()
	for _, name := range names {
		if !slices.ContainsFunc(all, func(j Job) bool { return strings.EqualFold(j.Name, name) }) {
			return nil, fault.New(fault.Config, "set JOB_NAMES to one or more of: "+strings.Join(Names(), ", "),
				fmt.Errorf("there is no job %q", name))
		}
	}
	return slices.DeleteFunc(all, func(j Job) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(j.Name, name) })
	}), nil
}

// Tables returns the curated tables of the jobs, parents before children.
func Tables(jobs []Job) []string {
	var tables []string
	for _, j := range jobs {
		tables = append(tables, j.Tables...)
	}
	return tables
}

// AllTables returns the raw and the curated tables of the jobs, sorted. A name that both have is there once.
func AllTables(jobs []Job) []string {
	tables := Tables(jobs)
	for _, j := range jobs {
		for _, s := range j.Sources {
			tables = append(tables, s.Tables...)
		}
	}
	slices.Sort(tables)
	return slices.Compact(tables)
}

// Names returns the names of all jobs.
func Names() []string {
	var names []string
	for _, j := range All() {
		names = append(names, j.Name)
	}
	return names
}
