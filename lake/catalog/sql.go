package catalog

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// prelude.sql has what the tables' own statements build upon.
//
//go:embed prelude.sql
var prelude string

// placeMark stands in prelude.sql for the lake's place.
const placeMark = "'{place}'"

// SQL returns the statements that make DuckDB show the lake at a [Place].
func (c *Catalog) SQL(place string) string {
	var s strings.Builder
	s.WriteString(strings.Replace(prelude, placeMark, literal(place), 1))
	tables := c.tables()
	for _, t := range tables {
		s.WriteString(t.filesSQL())
	}
	for _, t := range tables {
		s.WriteString(t.sql())
	}
	return s.String()
}

// Tables returns the number of tables that have live snapshots.
func (c *Catalog) Tables() int { return len(c.tables()) }

// filesSQL returns the statements that name the table's files.
func (t table) filesSQL() string {
	text := fmt.Sprintf("\nCREATE OR REPLACE MACRO %s() AS string_split(%s, chr(10));\n", t.dates(), literal(t.lines()))
	if r := t.rule(); t.incremental() && (r.hour != "" || r.time != "") {
		text += fmt.Sprintf("CREATE OR REPLACE MACRO %s() AS %s;\n", t.claims(), literal(t.claimLines(r)))
	}
	return text
}

// sql returns the statements that show the table.
func (t table) sql() string {
	var s strings.Builder
	statement := func(format string, args ...any) { fmt.Fprintf(&s, format+";\n", args...) }
	fmt.Fprintf(&s, "\n-- %s, %s\n", t.Table, quantity.Of(len(t.snapshots), "date"))
	statement("CREATE SCHEMA IF NOT EXISTS %s", name(t.Schema()))
	all, last := t.columns(), t.newest().Columns
	newest := fmt.Sprintf("SELECT %s FROM %s", list(last), t.read(last, "%[2]s[1:1]", ""))
	asOf := fmt.Sprintf("SELECT %s FROM %s", list(all), t.read(all, "lake.newest(%s, %s, as_of)", ""))
	if t.incremental() {
		newest, asOf, last = t.whole("'9999-12-31'"), t.whole("as_of"), all
	}
	statement("CREATE OR REPLACE VIEW %s AS %s", t.name(""), newest)
	comments(statement, t.name(""), t.about(), last)
	if t.taken {
		return s.String()
	}
	statement("CREATE OR REPLACE MACRO %s(as_of) AS TABLE %s", t.name("_asof"), asOf)
	statement("CREATE OR REPLACE VIEW %s AS SELECT %s", t.name("_all"), t.dated(all, "%[2]s"))
	comments(statement, t.name("_all"), t.aboutAll(), append([]lake.Column{{Name: "dt", Description: "date of the snapshot, UTC"}}, all...))
	return s.String()
}

// dates returns the name of the macro with the table's lines.
func (t table) dates() string { return "lake." + name(t.Schema()+"."+t.Name()) }

// read returns the table function that reads those files that the expression chooses, whose arguments are the table's folder and the macro
// with its lines.
func (t table) read(columns []lake.Column, choose, more string) string {
	folder := literal(string(t.Table))
	fields := make([]string, len(columns))
	for i, c := range columns {
		fields[i] = fmt.Sprintf("%s: {name: %[1]s, type: %s, default_value: NULL}", literal(c.Name), literal(sqlType(c.Type)))
	}
	chosen := fmt.Sprintf(choose+"%.0[1]s%.0[2]s", folder, t.dates()+"()")
	return fmt.Sprintf("read_parquet(lake.paths(%s, %s), schema = MAP {%s}%s)", folder, chosen, strings.Join(fields, ", "), more)
}

// dated returns what follows SELECT to get the columns and the dt of the chosen files.
func (t table) dated(columns []lake.Column, choose string) string {
	file, option := "filename", "true"
	if slices.ContainsFunc(columns, func(c lake.Column) bool { return strings.EqualFold(c.Name, file) }) {
		file, option = "_file", "'_file'" // then DuckDB opens all files to choose by dt
	}
	return fmt.Sprintf("lake.date_of(%s) AS dt, %s FROM %s", file, list(columns), t.read(columns, choose, ", filename = "+option))
}

// about tells in a sentence what the view shows.
func (t table) about() string {
	n := t.newest()
	if t.incremental() {
		return fmt.Sprintf("%s, up to %s", t.rule().about(), n.Interval.To.Format("2006-01-02 15:04"))
	}
	return fmt.Sprintf("the snapshot of %s, %s", n.Date, quantity.Of(n.Rows(), "row"))
}

func (t table) aboutAll() string {
	return fmt.Sprintf("all rows of %s, from %s to %s", quantity.Of(len(t.snapshots), "date"), t.snapshots[len(t.snapshots)-1].Date, t.newest().Date)
}

func comments(statement func(string, ...any), view, about string, columns []lake.Column) {
	statement("COMMENT ON VIEW %s IS %s", view, literal(about))
	for _, c := range columns {
		if c.Description != "" {
			statement("COMMENT ON COLUMN %s.%s IS %s", view, name(c.Name), literal(c.Description))
		}
	}
}
