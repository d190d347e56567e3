package migrations

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The tables of the original program, and the columns that users read, stand in one place.
const columnsFile = "00003_columns.sql"

// Column is a column of one of the original's tables, as the migrations leave it.
type Column struct {
	Table, Name string

	definition string // ~ stands for the collation of a text
}

// Definition returns the column's type as CREATE TABLE takes it, texts with the given collation of utf8mb4.
func (c Column) Definition(collation string) string {
	return strings.ReplaceAll(c.definition, "~", "CHARACTER SET utf8mb4 COLLATE "+collation)
}

// notNull tells whether the column refuses NULL.
func (c Column) notNull() bool { return strings.Contains(c.definition, "NOT NULL") }

// length returns how many characters a text column holds; 0 for other columns.
func (c Column) length() int64 {
	rest, text := strings.CutPrefix(c.definition, "VARCHAR(")
	if !text {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ")")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n
}

// before returns the types that the column may have had before its migration.
func (c Column) before() []string {
	texts := []string{"char", "varchar", "tinytext", "text", "mediumtext", "longtext"}
	integers := []string{"tinyint", "smallint", "mediumint", "int", "bigint"}
	kind := strings.FieldsFunc(c.definition, func(r rune) bool { return r == ' ' || r == '(' })[0]
	switch {
	case kind == "VARCHAR" && c.Name == "sis_id":
		return slices.Concat(texts, integers)
	case kind == "VARCHAR":
		return texts
	case kind == "DATETIME":
		return []string{"datetime", "timestamp", "date"}
	case kind == "DATE":
		return []string{"date"}
	}
	return integers
}

var columnPattern = regexp.MustCompile(`(?m)^  \('(\w+)', '(\w+)', '([^']+)', `)

// Columns returns all columns of the original's tables, table by table.
var Columns = sync.OnceValue(func() (all []Column) {
	data, err := files.ReadFile(columnsFile)
	if err != nil {
		panic(err) // it is part of the program
	}
	for _, m := range columnPattern.FindAllStringSubmatch(string(data), -1) {
		all = append(all, Column{Table: m[1], Name: m[2], definition: m[3]})
	}
	return all
})

// originalTables returns the names of the tables that the original program's last version has.
func originalTables() (names []string) {
	for _, c := range Columns() {
		if !slices.Contains(names, c.Table) {
			names = append(names, c.Table)
		}
	}
	return names
}

// primaryKey returns the columns of a table's primary key.
func primaryKey(table string) []string {
	switch {
	case table == "mivideo_media_courses":
		return []string{"media_id", "course_id", "in_context"}
	case slices.ContainsFunc(Columns(), func(c Column) bool { return c.Table == table && c.Name == "canvas_id" }):
		return []string{"canvas_id"}
	}
	return []string{"id"}
}

// added are the tables and views of this program's own, by the migration that makes them.
var added = map[string]int64{
	"load_record": 7, "load_owner": 8, "load_change": 9, "load_key": 9,
	"v_course_enrollment_counts": 10, "v_tool_usage_by_term": 10, "v_data_freshness": 10,
}

var toolsPattern = regexp.MustCompile(`(?s)FROM \(\n(.*?)\n\) AS seed`)

// Tools returns the query for the tools that a database gets which has none.
func Tools() (string, error) {
	const name = "00006_lti_type_seed.sql"
	data, err := files.ReadFile(name)
	if err != nil {
		return "", err
	}
	m := toolsPattern.FindSubmatch(data)
	if m == nil {
		return "", errors.New(name + " has no seed")
	}
	return string(m[1]), nil
}
