package university

import (
	"cmp"
	"slices"
	"time"
)

// truth makes the tables of one day.
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
			if e.Section.ID != 0 && !seen[e.Section.ID] {
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
			if e.Section.ID == 0 {
				continue // a row that refers to nothing is set aside
			}
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

func byFirst(a, b []any) int { return cmp.Compare(a[0].(int64), b[0].(int64)) }
