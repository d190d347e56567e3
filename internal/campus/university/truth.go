package university

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// Want says which rows the truth is about.
type Want struct {
	Date    time.Time
	Since   time.Time // the first nightly run; zero: Date. Publication times found since are remembered
	TermIDs []int64   // empty: the default ones
}

// Table is what a table that users read must hold.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]any // sorted by key; int64, string or nil
}

// TableNames lists the tables of which the truth is known.
func TableNames() []string {
	return []string{"account", "term", "course", "course_section", "enrollment", "canvas_course_usage", "data_source_status"}
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
	if t.published, err = u.remembered(w, t.terms); err != nil {
		return nil, err
	}
	t.kept = d.kept(t.terms)
	return []Table{t.accounts(), t.termTable(), t.courses(), t.sections(), t.enrollments(), t.usage(), t.sources()}, nil
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

type truth struct {
	d         *Day
	terms     []int64
	kept      []int
	published map[int]time.Time
}

func (t *truth) accounts() Table {
	used := map[int64]bool{}
	for _, i := range t.kept {
		used[t.d.u.AccountOf(i)] = true
	}
	out := Table{Name: "account", Columns: []string{"canvas_id", "sis_id", "name"}}
	for _, a := range t.d.u.accounts {
		if used[a.ID] {
			out.Rows = append(out.Rows, []any{a.ID, text(a.SISID), a.Name})
		}
	}
	return out
}

func (t *truth) termTable() Table {
	out := Table{Name: "term", Columns: []string{"canvas_id", "name", "sis_id", "start_at", "end_at"}}
	for _, m := range t.d.u.Terms() {
		if slices.Contains(t.terms, m.ID) {
			out.Rows = append(out.Rows, []any{m.ID, m.Name, text(m.SISID), moment(m.StartAt), moment(m.EndAt)})
		}
	}
	return out
}

func (t *truth) courses() Table {
	out := Table{Name: "course", Columns: []string{
		"canvas_id", "sis_id", "name", "account_id", "term_id", "created_at", "published_at", "workflow_state",
	}}
	for _, i := range t.kept {
		c := t.d.Course(i)
		var published any
		if at, ok := t.published[i]; ok {
			published = moment(&at)
		}
		out.Rows = append(out.Rows, []any{
			c.ID, text(c.SISID), c.Name, c.AccountID, c.TermID, moment(&c.CreatedAt), published, c.State,
		})
	}
	return out
}

func (t *truth) sections() Table {
	out := Table{Name: "course_section", Columns: []string{"canvas_id", "sis_id", "name"}}
	seen := map[int64]bool{}
	for _, i := range t.kept {
		for _, e := range t.d.Enrollments(i) {
			if !seen[e.Section.ID] {
				seen[e.Section.ID] = true
				out.Rows = append(out.Rows, []any{e.Section.ID, text(t.d.u.SectionSIS(t.d.u.owner(e.Section.ID), e.Section)), e.Section.Name})
			}
		}
	}
	slices.SortFunc(out.Rows, byFirst)
	return out
}

// owner returns the course that a section belongs to.
func (u *University) owner(section int64) int { return int(section%shard-3_000_000) / 1000 }

func (t *truth) enrollments() Table {
	out := Table{Name: "enrollment", Columns: []string{
		"canvas_id", "course_id", "course_section_id", "user_id", "workflow_state", "role_type",
	}}
	for _, i := range t.kept {
		for _, e := range t.d.Enrollments(i) {
			out.Rows = append(out.Rows, []any{e.ID, e.CourseID, e.Section.ID, e.UserID, e.State, e.Type})
		}
	}
	slices.SortFunc(out.Rows, byFirst)
	return out
}

func (t *truth) usage() Table {
	out := Table{Name: "canvas_course_usage", Columns: []string{"course_id", "views", "participations", "date"}}
	for _, i := range t.kept {
		if t.d.State(i) != StateAvailable {
			continue
		}
		days, _ := t.d.Activity(i)
		slices.SortFunc(days, func(a, b ActivityDay) int { return a.Date.Compare(b.Date) })
		for _, a := range days {
			out.Rows = append(out.Rows, []any{t.d.u.courses[i].id, a.Views, a.Participations, a.Date.Format(time.DateOnly)})
		}
	}
	return out
}

// sources tells how old the warehouse's data is. The interfaces' data is as old as the run.
func (t *truth) sources() Table {
	at := t.d.DataDate()
	return Table{
		Name: "data_source_status", Columns: []string{"data_source_name", "data_updated_at"},
		Rows: [][]any{{"UNIZIN_DATA_WAREHOUSE", moment(&at)}},
	}
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.DateTime)
}

func byFirst(a, b []any) int {
	x, y := a[0].(int64), b[0].(int64)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
