package catalog

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

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

// table is a table with its live snapshots.
type table struct {
	lake.Table
	snapshots []lake.Snapshot // newest date first
	taken     bool            // its names with _all and _asof belong to another table
	owner     *table          // of an incremental table: the one that its rule names
}

// tables returns the tables that have live snapshots.
func (c *Catalog) tables() []table {
	var all []table
	names := map[lake.Table]bool{}
	for _, s := range c.Snapshots {
		if len(all) == 0 || all[len(all)-1].Table != s.Table {
			all = append(all, table{Table: s.Table})
			names[s.Table] = true
		}
		t := &all[len(all)-1]
		t.snapshots = append(t.snapshots, s)
	}
	for i := range all {
		slices.Reverse(all[i].snapshots)
		all[i].taken = names[all[i].Table+"_all"] || names[all[i].Table+"_asof"]
	}
	for i := range all {
		owned := ruleOf(all[i].Table).ownedBy
		if at := slices.IndexFunc(all, func(o table) bool { return o.Table == owned }); at >= 0 {
			all[i].owner = &all[at]
		}
	}
	return all
}

func (t table) newest() lake.Snapshot { return t.snapshots[0] }

// incremental tells whether the dates hold a part of the table each.
func (t table) incremental() bool { return t.newest().Interval != nil }

// rule returns how the dates of an incremental table come together.
func (t table) rule() rule {
	r := ruleOf(t.Table)
	if r.ownedBy != "" && t.owner == nil {
		return rule{}
	}
	return r
}

// name returns the quoted SQL name of what shows the table.
func (t table) name(suffix string) string { return name(t.Schema()) + "." + name(t.Name()+suffix) }

// columns returns the columns of all dates, those of the newest first. A type is that of the newest date that has the column.
func (t table) columns() []lake.Column {
	var all []lake.Column
	for _, s := range t.snapshots {
		for _, c := range s.Columns {
			if !slices.ContainsFunc(all, func(o lake.Column) bool { return strings.EqualFold(o.Name, c.Name) }) {
				all = append(all, c)
			}
		}
	}
	return all
}

// lines returns a line for each date, newest first: its files, after their table's "dt=" and with tabs in between.
func (t table) lines() string {
	dates := make([]string, len(t.snapshots))
	for i, s := range t.snapshots {
		files := make([]string, len(s.Files))
		for j, f := range s.Files {
			files[j] = strings.TrimPrefix(f.Path, string(t.Table)+"/dt=")
		}
		if len(files) == 0 {
			files = []string{s.Date.String() + noFile}
		}
		dates[i] = strings.Join(files, "\t")
	}
	return strings.Join(dates, "\n")
}

// noFile follows the date of a snapshot without files, see prelude.sql.
const noFile = "/none"

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
	fmt.Fprintf(&s, "\n-- %s, %s\n", t.Table, plural(len(t.snapshots), "date"))
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
	return fmt.Sprintf("the snapshot of %s, %s", n.Date, plural(int(n.Rows()), "row"))
}

func (t table) aboutAll() string {
	return fmt.Sprintf("all rows of %s, from %s to %s", plural(len(t.snapshots), "date"), t.snapshots[len(t.snapshots)-1].Date, t.newest().Date)
}

func comments(statement func(string, ...any), view, about string, columns []lake.Column) {
	statement("COMMENT ON VIEW %s IS %s", view, literal(about))
	for _, c := range columns {
		if c.Description != "" {
			statement("COMMENT ON COLUMN %s.%s IS %s", view, name(c.Name), literal(c.Description))
		}
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// sqlType returns DuckDB's name of a type of the lake, or "" if it has none.
func sqlType(typ string) string {
	switch typ {
	case lake.BigInt, lake.Integer, lake.Double, lake.Boolean, lake.Varchar, lake.DateType:
		return typ
	case lake.Timestamp:
		return "TIMESTAMP WITH TIME ZONE"
	}
	return ""
}

// literal returns a SQL string.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// name returns a quoted SQL identifier.
func name(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// list returns the columns' names.
func list(columns []lake.Column) string { return listOf("", columns) }

// listOf returns the columns' names as those of an alias, if it is not empty.
func listOf(alias string, columns []lake.Column) string {
	if alias != "" {
		alias += "."
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = alias + name(c.Name)
	}
	return strings.Join(names, ", ")
}
