package catalog

import (
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

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
