package docs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

const dataModel = "../../docs/data-model.md"

// history are the tables of the loads, in the order of the page.
var history = []string{"job_run", "data_source_status", "load_record", "load_change", "load_owner", "load_key"}

// TestDataModel writes the page about the tables from the migrated database.
func TestDataModel(t *testing.T) {
	tables := theSchema(t)
	order := append(job.Tables(job.All()), "lti_type")
	order = append(order, history...)
	for _, tb := range tables {
		if !slices.Contains(order, tb.name) {
			t.Errorf("table %s has no place on the page", tb.name)
		}
		for _, c := range tb.columns {
			if c.comment == "" {
				t.Errorf("column %s of %s has no COMMENT", c.name, tb.name)
			}
		}
	}
	slices.SortFunc(tables, func(a, b table) int { return slices.Index(order, a.name) - slices.Index(order, b.name) })
	generated(t, dataModel, "diagram", diagram(tables))
	var all strings.Builder
	for _, tb := range tables {
		all.WriteString(describe(tb))
	}
	generated(t, dataModel, "tables", all.String())
}

// TestSameWords holds the descriptions in the lake against the COMMENTs in MySQL.
func TestSameWords(t *testing.T) {
	tables := map[string]table{}
	for _, tb := range theSchema(t) {
		tables[tb.name] = tb
	}
	for _, set := range transform.Sets() {
		tb, ok := tables[set.Name]
		if !ok {
			t.Errorf("set %s has no table in MySQL", set.Name)
			continue
		}
		for _, c := range set.Columns {
			in := tb.column(c.Name)
			switch {
			case in == nil:
				t.Errorf("column %s of %s is not in MySQL", c.Name, set.Name)
			case in.comment != c.Description:
				t.Errorf("column %s of %s is in MySQL %q, in the lake %q", c.Name, set.Name, in.comment, c.Description)
			case in.nullable != c.Nullable:
				t.Errorf("column %s of %s may be NULL: in MySQL %v, in the lake %v", c.Name, set.Name, in.nullable, c.Nullable)
			}
		}
	}
}

// diagram returns the tables and their references in Mermaid.
func diagram(tables []table) string {
	var b strings.Builder
	b.WriteString("```mermaid\nerDiagram\n")
	for _, tb := range tables {
		for _, r := range tb.references {
			parent := "||"
			if tb.column(r.column).nullable {
				parent = "|o"
			}
			fmt.Fprintf(&b, "  %s %s--o{ %s : %s\n", r.table, parent, tb.name, r.column)
		}
	}
	for _, tb := range tables {
		fmt.Fprintf(&b, "  %s {\n", tb.name)
		for _, c := range tb.columns {
			var marks []string
			if c.primary {
				marks = append(marks, "PK")
			}
			if slices.ContainsFunc(tb.references, func(r reference) bool { return r.column == c.name }) {
				marks = append(marks, "FK")
			}
			fmt.Fprintf(&b, "    %s %s\n", strings.ReplaceAll(c.typ, " ", "_"), strings.TrimSpace(c.name+" "+strings.Join(marks, ", ")))
		}
		b.WriteString("  }\n")
	}
	b.WriteString("```\n")
	return b.String()
}

// describe returns the section about a table.
func describe(tb table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s.\n\n| column | type | | meaning |\n|---|---|---|---|\n", tb.name, cell(tb.comment))
	for _, c := range tb.columns {
		var notes []string
		if c.primary {
			notes = append(notes, "key")
		}
		if c.nullable {
			notes = append(notes, "may be NULL")
		}
		if c.extra == "AUTO_INCREMENT" {
			notes = append(notes, "counts by itself")
		}
		for _, r := range tb.references {
			if r.column == c.name {
				notes = append(notes, fmt.Sprintf("→ [%s](#%[1]s).%s", r.table, r.of))
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.name, c.typ, strings.Join(notes, ", "), cell(c.comment))
	}
	b.WriteString("\n")
	var keys []string
	for _, k := range tb.keys {
		kind := "indexed"
		if k.unique {
			kind = "unique"
		}
		keys = append(keys, fmt.Sprintf("(%s) %s", strings.Join(k.columns, ", "), kind))
	}
	if len(keys) > 0 {
		fmt.Fprintf(&b, "Further keys: %s.\n\n", strings.Join(keys, "; "))
	}
	return b.String()
}
