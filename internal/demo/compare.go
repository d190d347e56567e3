package main

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

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

var tables = []string{"account", "term", "course", "course_section", "enrollment", "canvas_course_usage"}

// compare reads every table in MySQL and holds it against the truth. It returns an error if one differs.
func (d *demo) compare(ctx context.Context, s state, db *sql.DB) error {
	t := table{head: []string{"table", "rows", ""}, right: []bool{false, true}}
	var wrong []string
	var example string
	for _, name := range tables {
		truth := map[string]int{} // how often each row
		var columns []string
		err := d.truth(ctx, s, name, func(rows *json.Decoder) error {
			for {
				var row map[string]any
				if err := rows.Decode(&row); errors.Is(err, io.EOF) {
					return nil
				} else if err != nil {
					return fmt.Errorf("read truth of %s: %w", name, err)
				}
				if columns == nil {
					columns = slices.Sorted(maps.Keys(row))
				}
				truth[key(columns, row)]++
			}
		})
		if err != nil {
			return err
		}
		found, missing, extra, err := difference(ctx, db, name, columns, truth)
		if err != nil {
			return err
		}
		verdict := "equal to the truth"
		if len(missing)+len(extra) > 0 {
			verdict = fmt.Sprintf("DIFFERENT: %d rows missing, %d that should not be", len(missing), len(extra))
			wrong = append(wrong, name)
			if example == "" {
				example = fmt.Sprintf("%s\n  missing %s\n  extra   %s", name, first(missing), first(extra))
			}
		}
		t.add(name, fmt.Sprint(found), verdict)
	}
	t.print(d.out)
	if wrong != nil {
		return fault.New(fault.Data, "This is a defect of the programs, or bin/ is older than the sources.",
			fmt.Errorf("MySQL differs from the truth in %s; for example %s", strings.Join(wrong, ", "), example))
	}
	return nil
}

// key makes one text of a row of the truth.
func key(columns []string, row map[string]any) string {
	texts := make([]string, len(columns))
	for i, c := range columns {
		texts[i] = "NULL"
		if row[c] != nil {
			texts[i] = fmt.Sprintf("%q", fmt.Sprint(row[c]))
		}
	}
	return strings.Join(texts, " ")
}

// difference takes the rows in MySQL from those of the truth. What remains is missing.
func difference(ctx context.Context, db *sql.DB, name string, columns []string, truth map[string]int) (found int, missing, extra []string, err error) {
	list := "1"
	if columns != nil {
		list = "`" + strings.Join(columns, "`, `") + "`"
	}
	rows, err := db.QueryContext(ctx, "SELECT "+list+" FROM `"+name+"`")
	if err != nil {
		return 0, nil, nil, fmt.Errorf("read table %s: %w", name, err)
	}
	defer rows.Close()
	values := make([]sql.NullString, max(1, len(columns)))
	targets := make([]any, len(values))
	for i := range values {
		targets[i] = &values[i]
	}
	texts := make([]string, len(values))
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return 0, nil, nil, fmt.Errorf("read table %s: %w", name, err)
		}
		for i, v := range values {
			texts[i] = "NULL"
			if v.Valid {
				texts[i] = fmt.Sprintf("%q", v.String)
			}
		}
		found++
		row := strings.Join(texts, " ")
		if truth[row] == 0 {
			extra = append(extra, row)
		} else if truth[row]--; truth[row] == 0 {
			delete(truth, row)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, nil, nil, fmt.Errorf("read table %s: %w", name, err)
	}
	for row, n := range truth {
		missing = append(missing, slices.Repeat([]string{row}, n)...)
	}
	slices.Sort(missing)
	return found, missing, extra, nil
}

func first(rows []string) string {
	if len(rows) == 0 {
		return "nothing"
	}
	return rows[0]
}
