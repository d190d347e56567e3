package transform

import (
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// raw declares that a model reads columns of a raw table.
func raw(source, table string, columns ...[]lake.Column) Input {
	return Input{Name: lake.Raw(source, table).Schema() + "." + table, Columns: slices.Concat(columns...)}
}

// curated declares that a model reads another set of the same date.
func curated(set Set) Input { return Input{Name: "curated." + set.Name, Columns: set.Columns} }

// previous declares that a model reads columns of a set's newest snapshot before the date.
func previous(set string, columns ...[]lake.Column) Input {
	return Input{Name: "previous." + set, Columns: slices.Concat(columns...)}
}

// have declares input columns that hold no NULL.
func have(typ string, names ...string) []lake.Column { return inputColumns(typ, false, names) }

// mayHave declares input columns that may be NULL.
func mayHave(typ string, names ...string) []lake.Column { return inputColumns(typ, true, names) }

func inputColumns(typ string, nullable bool, names []string) []lake.Column {
	var columns []lake.Column
	for _, name := range names {
		columns = append(columns, lake.Column{Name: name, Type: typ, Nullable: nullable})
	}
	return columns
}

// required declares a column of a set that is never NULL.
func required(name, typ, description string) lake.Column {
	return lake.Column{Name: name, Type: typ, Description: description}
}

// optional declares a column of a set that may be NULL.
func optional(name, typ, description string) lake.Column {
	return lake.Column{Name: name, Type: typ, Nullable: true, Description: description}
}
