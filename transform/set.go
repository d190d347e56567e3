package transform

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Set is a curated table: what it is made from, what it holds, and what its rows must
// satisfy. Its SELECT is models/<name>.sql.
type Set struct {
	Name       string
	Key        []string // columns that identify a row; rows are sorted by them
	Inputs     []Input
	Columns    []lake.Column
	References []Reference
	Checks     []Check
	// Rejects says that the model yields the column rejected_because: NULL for a row of the
	// table, else the reason why the row stands in the table of rejected rows.
	Rejects bool
	// OneEach names the input of which every row becomes a row or a rejected one, repeated keys aside; how many
	// were repeated is then counted. It is empty where the model filters or groups.
	OneEach string
}

// Table returns the set's place in the lake.
func (s Set) Table() lake.Table { return lake.Curated(s.Name) }

// Input is a table that a model reads.
type Input struct {
	// Name is the table's name in SQL: "raw_<source>.<table>" for a raw table and "curated.<set>" for
	// another set, both of the same date; "previous.<set>" for the newest snapshot of a set from before the
	// date, which has no rows if there is none.
	Name    string
	Columns []lake.Column // the columns that the model reads
}

// Reference says that a column holds keys of another set.
type Reference struct {
	Column string
	Set    string
	Key    string // the column of the other set
}

// Check is a quality gate on the rows of one set.
type Check struct {
	Name    string
	Query   string // a SELECT of the offending rows, from the set as curated.<name> and its inputs
	Warning bool   // offending rows are reported but do not stop the commit
	Detail  string // what an offending row means
	Grouped bool   // a row of Query stands for as many offending rows as its column times says
}

//go:embed models/*.sql
var models embed.FS

const rejectedBecause = "rejected_because"

// model returns the set's SELECT.
func (s Set) model() (string, error) {
	text, err := models.ReadFile("models/" + s.Name + ".sql")
	if err != nil {
		return "", fmt.Errorf("model of %s: %w", s.Name, err)
	}
	return string(text), nil
}

// digest identifies the text of a model.
func digest(model string) string {
	sum := sha256.Sum256([]byte(model))
	return hex.EncodeToString(sum[:])
}

// rows returns the SELECT of the rows that belong to the table.
func (s Set) rows(model string) string {
	query := fmt.Sprintf("SELECT %s FROM (\n%s\n) AS model", strings.Join(names(s.Columns), ", "), model)
	if s.Rejects {
		query += " WHERE " + rejectedBecause + " IS NULL"
	}
	return query
}

// rejectedRows returns the SELECT of the rows that the table cannot use.
func (s Set) rejectedRows(model string) string {
	return fmt.Sprintf("SELECT %s FROM (\n%s\n) AS model WHERE %s IS NOT NULL", strings.Join(names(s.rejectedColumns()), ", "), model, rejectedBecause)
}

// rejectedColumns returns the columns of the table of rejected rows: the set's own, all of which may be NULL, and the reason.
func (s Set) rejectedColumns() []lake.Column {
	var columns []lake.Column
	for _, c := range s.Columns {
		c.Nullable = true
		columns = append(columns, c)
	}
	return append(columns, lake.Column{Name: rejectedBecause, Type: lake.Varchar, Description: "why the row is not in " + s.Name})
}

func names(columns []lake.Column) []string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

// sourceOf splits the name of an input: its schema in SQL and its table in the lake.
func (i Input) sourceOf() (schema string, table lake.Table) {
	schema, name, _ := strings.Cut(i.Name, ".")
	if source, raw := strings.CutPrefix(schema, "raw_"); raw {
		return "raw", lake.Raw(source, name)
	}
	return schema, lake.Curated(name)
}
