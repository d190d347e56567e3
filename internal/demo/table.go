package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tl-its-umich-edu/course-inventory/internal/aligned"
)

// table is text in aligned columns.
type table struct {
	head  []string
	right []bool // columns of numbers; may be shorter
	rows  [][]string
}

const widest = 46 // characters that a cell may take

func (t *table) add(cells ...string) {
	for i, c := range cells {
		cells[i] = plain(c)
	}
	t.rows = append(t.rows, cells)
}

// plain makes a cell of one short line; names in Canvas may hold tabs and line ends.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > widest {
		s = string([]rune(s)[:widest-1]) + "…"
	}
	return s
}

func (t *table) print(out io.Writer) {
	var right []string
	for i, is := range t.right {
		if is {
			right = append(right, t.head[i])
		}
	}
	var text strings.Builder
	aligned.Print(&text, 0, append([][]string{t.head}, t.rows...), right...)
	for line := range strings.Lines(text.String()) {
		fmt.Fprint(out, "  ", line)
	}
}

// query prints the result of a query on MySQL. Columns that hold only numbers are set to the right.
func query(ctx context.Context, db *sql.DB, out io.Writer, title, statement string) error {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return fmt.Errorf("%s: %w", title, err)
	}
	defer rows.Close()
	var t table
	if t.head, err = rows.Columns(); err != nil {
		return fmt.Errorf("%s: %w", title, err)
	}
	t.right = make([]bool, len(t.head))
	for i := range t.right {
		t.right[i] = true
	}
	for rows.Next() {
		values := make([]sql.NullString, len(t.head))
		targets := make([]any, len(values))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("%s: %w", title, err)
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = v.String
			t.right[i] = t.right[i] && strings.Trim(v.String, "0123456789.") == ""
		}
		t.add(cells...)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", title, err)
	}
	fmt.Fprintf(out, "\n%s\n", title)
	t.print(out)
	return nil
}
