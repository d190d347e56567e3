package university

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The jobs whose tables the truth is about.
const (
	JobInventory = "COURSE_INVENTORY"
	JobMiVideo   = "MIVIDEO"
	JobLTI       = "CANVAS_LTI"
)

// Jobs returns all jobs.
func Jobs() []string { return []string{JobInventory, JobMiVideo, JobLTI} }

// Want says which rows the truth is about.
type Want struct {
	Date      time.Time
	Since     time.Time // the first nightly run; zero: Date. Publication times found since are remembered
	Start     time.Time // what happened to media before was never asked for; zero: all was
	Jobs      []string  // in any case; empty: all
	TermIDs   []int64   // empty: the default ones
	CourseIDs []int64   // further courses whose tools are looked at; nil: the default ones
	ToolIDs   []int64   // the tools that reports speak of; empty: the default ones
}

// Table is what a table that users read must hold.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]any // sorted by key; int64, string or nil
}

// TableNames lists the tables of some jobs, of all if none is named.
func TableNames(jobs ...string) []string {
	var names []string
	if len(jobs) == 0 {
		jobs = Jobs()
	}
	for _, job := range jobs {
		switch strings.ToUpper(job) {
		case JobInventory:
			names = append(names, "account", "term", "course", "course_section", "enrollment", "canvas_course_usage", "data_source_status")
		case JobMiVideo:
			names = append(names, "mivideo_media_started_hourly", "mivideo_media_created", "mivideo_media_courses")
		case JobLTI:
			names = append(names, "lti_placement", "lti_zoom_meeting")
		}
	}
	return names
}

// Truth returns the tables by which a perfect reader would describe that day to its users.
func (u *University) Truth(w Want) ([]Table, error) {
	d, err := u.On(w.Date)
	if err != nil {
		return nil, err
	}
	t := &truth{d: d, terms: w.TermIDs}
	if len(t.terms) == 0 {
		t.terms = u.DefaultTermIDs()
	}
	jobs := w.Jobs
	if len(jobs) == 0 {
		jobs = Jobs()
	}
	var all []Table
	for _, job := range jobs {
		switch strings.ToUpper(job) {
		case JobInventory:
			if t.published, err = u.remembered(w, t.terms); err != nil {
				return nil, err
			}
			t.kept = d.kept(t.terms)
			all = append(all, t.accounts(), t.termTable(), t.courses(), t.sections(), t.enrollments(), t.usage(), t.sources())
		case JobMiVideo:
			all = append(all, d.mediaTruth(w)...)
		case JobLTI:
			all = append(all, d.placementTruth(w, t.terms)...)
		default:
			return nil, fmt.Errorf("job %q: want one of %s", job, strings.Join(Jobs(), ", "))
		}
	}
	return all, nil
}

// WriteJSON writes the rows as JSON objects, one a line, columns in their order.
func (t Table) WriteJSON(w io.Writer) error {
	var line []byte
	for _, row := range t.Rows {
		line = append(line[:0], '{')
		for i, v := range row {
			if i > 0 {
				line = append(line, ',')
			}
			text, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("row of %s: %w", t.Name, err)
			}
			line = append(line, '"')
			line = append(line, t.Columns[i]...)
			line = append(line, `":`...)
			line = append(line, text...)
		}
		line = append(line, '}', '\n')
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("truth of %s: %w", t.Name, err)
		}
	}
	return nil
}

// kept returns the indexes of the courses that reports speak of: those of the terms with students.
func (d *Day) kept(terms []int64) []int {
	var kept []int
	for i := range d.summary {
		if d.summary[i].students > 0 && d.summary[i].state != StateDeleted && slices.Contains(terms, d.u.TermOf(i)) {
			kept = append(kept, i)
		}
	}
	return kept
}

// remembered returns the publication time of every kept course, as it stands after
// nightly runs from w.Since to w.Date: what the previous night knew stays.
func (u *University) remembered(w Want, terms []int64) (map[int]time.Time, error) {
	day := midnight(w.Since)
	if w.Since.IsZero() || day.After(w.Date) {
		day = midnight(w.Date)
	}
	var known map[int]time.Time
	for ; !day.After(w.Date); day = day.AddDate(0, 0, 1) {
		d, err := u.On(day)
		if err != nil {
			return nil, err
		}
		next := map[int]time.Time{}
		for _, i := range d.kept(terms) {
			if at, ok := known[i]; ok {
				next[i] = at
			} else if at, ok := d.Published(i); ok && d.State(i) == StateAvailable {
				next[i] = at
			}
		}
		known = next
	}
	return known, nil
}
