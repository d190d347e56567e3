package load

import "github.com/tl-its-umich-edu/course-inventory/lake"

// Table says how a curated table of the lake becomes a table of the database.
type Table struct {
	Name    string
	Key     []string      // identifies a row; the lake's files are sorted by it
	Columns []lake.Column // in the order in which they are written; the database's table may have more
	Parents []Parent      // rows that must be there first
}

// Parent is a reference to another table by the single column of that table's key.
type Parent struct {
	Column string
	Table  string
}

// Tables returns all tables that can be loaded, parents before children.
func Tables() []Table {
	return []Table{
		{
			Name: "account", Key: []string{"canvas_id"},
			Columns: []lake.Column{id("canvas_id"), optional(text("sis_id")), text("name")},
		},
		{
			Name: "term", Key: []string{"canvas_id"},
			Columns: []lake.Column{
				id("canvas_id"), text("name"), optional(text("sis_id")), optional(instant("start_at")), optional(instant("end_at")),
			},
		},
		{
			Name: "course", Key: []string{"canvas_id"},
			Columns: []lake.Column{
				id("canvas_id"), optional(text("sis_id")), text("name"), id("account_id"), id("term_id"),
				optional(instant("created_at")), optional(instant("published_at")), text("workflow_state"),
			},
			Parents: []Parent{{"account_id", "account"}, {"term_id", "term"}},
		},
		{
			Name: "course_section", Key: []string{"canvas_id"},
			Columns: []lake.Column{id("canvas_id"), optional(text("sis_id")), text("name")},
		},
		{
			Name: "enrollment", Key: []string{"canvas_id"},
			Columns: []lake.Column{
				id("canvas_id"), id("course_id"), id("course_section_id"), id("user_id"), text("workflow_state"), text("role_type"),
			},
			Parents: []Parent{{"course_id", "course"}, {"course_section_id", "course_section"}},
		},
		{
			Name: "canvas_course_usage", Key: []string{"course_id", "date"},
			Columns: []lake.Column{id("course_id"), number("views"), number("participations"), day("date")},
			Parents: []Parent{{"course_id", "course"}},
		},
	}
}

func id(name string) lake.Column      { return lake.Column{Name: name, Type: lake.BigInt} }
func number(name string) lake.Column  { return lake.Column{Name: name, Type: lake.BigInt} }
func text(name string) lake.Column    { return lake.Column{Name: name, Type: lake.Varchar} }
func instant(name string) lake.Column { return lake.Column{Name: name, Type: lake.Timestamp} }
func day(name string) lake.Column     { return lake.Column{Name: name, Type: lake.DateType} }

func optional(c lake.Column) lake.Column {
	c.Nullable = true
	return c
}
