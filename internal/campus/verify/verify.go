// Package verify holds tables in MySQL against the truth of the simulated university.
package verify

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Verdict is how a table compares with its truth. Rows are written as the quoted values of their
// columns in alphabetical order.
type Verdict struct {
	Table   string
	Rows    int      // in MySQL
	Missing []string // rows of the truth that MySQL lacks, sorted
	Extra   []string // rows that MySQL has beside the truth
}

// Equal reports whether the table is exactly its truth.
func (v Verdict) Equal() bool { return len(v.Missing)+len(v.Extra) == 0 }

// String says what differs, with an example of each kind.
func (v Verdict) String() string {
	if v.Equal() {
		return "equal to the truth"
	}
	example := func(rows []string) string {
		if len(rows) == 0 {
			return "none"
		}
		return rows[0]
	}
	return fmt.Sprintf("DIFFERENT: %d rows missing (%s), %d that should not be (%s)", len(v.Missing), example(v.Missing), len(v.Extra), example(v.Extra))
}

// Table compares a table with its truth, a stream of JSON objects with a member for each column that counts.
// db must return times as text (no parseTime in its DSN).
func Table(ctx context.Context, db *sql.DB, name string, truth io.Reader) (Verdict, error) {
	v := Verdict{Table: name}
	columns, wanted, err := read(truth)
	if err != nil {
		return v, fmt.Errorf("truth of %s: %w", name, err)
	}
	list := "1"
	if columns != nil {
		list = "`" + strings.Join(columns, "`, `") + "`"
	}
	rows, err := db.QueryContext(ctx, "SELECT "+list+" FROM `"+name+"`")
	if err != nil {
		return v, fmt.Errorf("table %s: %w", name, err)
	}
	defer rows.Close()
	values := make([]sql.NullString, max(1, len(columns)))
	targets := make([]any, len(values))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return v, fmt.Errorf("table %s: %w", name, err)
		}
		v.Rows++
		row := text(values)
		switch wanted[row] {
		case 0:
			v.Extra = append(v.Extra, row)
		case 1:
			delete(wanted, row)
		default:
			wanted[row]--
		}
	}
	for row, n := range wanted {
		v.Missing = append(v.Missing, slices.Repeat([]string{row}, n)...)
	}
	slices.Sort(v.Missing)
	return v, rows.Err()
}

// read counts every row of the truth and returns the names of its columns, nil if it has no rows.
func read(truth io.Reader) (columns []string, rows map[string]int, err error) {
	rows = map[string]int{}
	in := json.NewDecoder(truth)
	in.UseNumber() // ids are too large for float64
	for {
		var row map[string]any
		if err := in.Decode(&row); errors.Is(err, io.EOF) {
			return columns, rows, nil
		} else if err != nil {
			return nil, nil, err
		}
		if columns == nil {
			columns = slices.Sorted(maps.Keys(row))
		}
		values := make([]sql.NullString, len(columns))
		for i, c := range columns {
			if row[c] != nil {
				values[i] = sql.NullString{String: fmt.Sprint(row[c]), Valid: true}
			}
		}
		rows[text(values)]++
	}
}

func text(values []sql.NullString) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = "NULL"
		if v.Valid {
			texts[i] = fmt.Sprintf("%q", v.String)
		}
	}
	return strings.Join(texts, " ")
}
