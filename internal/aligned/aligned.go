// Package aligned prints rows as columns, as wide as a line can be.
package aligned

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// narrowest is how narrow the last column may become, in characters, before a table is rather printed as paragraphs.
const narrowest = 30

// Print writes rows as aligned columns. The first row has their names, and the columns of these names are aligned to the right.
// Where a line can have only so many characters, 0 for any number, the last column is folded, or each row becomes a paragraph that begins
// with what stands before the first column to the right.
func Print(w io.Writer, width int, rows [][]string, right ...string) {
	columns := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			columns[i] = max(columns[i], length(cell))
		}
	}
	last := len(columns) - 1
	before := 2 * last // what stands before the last column
	for _, n := range columns[:last] {
		before += n
	}
	fold := 0
	if width > 0 && before+columns[last] > width {
		if fold = width - before; fold < narrowest || slices.Contains(right, rows[0][last]) {
			lead := max(1, slices.IndexFunc(rows[0], func(name string) bool { return slices.Contains(right, name) }))
			for _, row := range rows[1:] {
				fmt.Fprint(w, Paragraph(rows[0], row, lead, width))
			}
			return
		}
	}
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", columns[i]-length(cell))
			switch {
			case slices.Contains(right, rows[0][i]):
				line.WriteString(gap + cell + "  ")
			case i == last:
				line.WriteString(strings.ReplaceAll(Wrap(cell, fold), "\n", "\n"+strings.Repeat(" ", before)))
			default:
				line.WriteString(cell + gap + "  ")
			}
		}
		text := strings.TrimRight(line.String(), " ")
		fmt.Fprintln(w, text)
		if n == 0 {
			fmt.Fprintln(w, strings.Repeat("-", length(text)))
		}
	}
}

// Paragraph writes a row's first cells, as many as lead, on a line, and below it the others that are not empty, with their names.
func Paragraph(names, row []string, lead, width int) string {
	const together = "\u00a0" // no line ends there
	var facts []string
	for i, cell := range row[lead:] {
		if cell == "" {
			continue
		}
		if length(cell) < narrowest {
			cell = strings.ReplaceAll(cell, " ", together)
		}
		facts = append(facts, names[lead+i]+" "+cell)
	}
	text := strings.Join(row[:lead], "  ") + "\n" + Wrap("  "+strings.Join(facts, ", "), width) + "\n"
	return strings.ReplaceAll(text, together, " ")
}

// Wrap breaks paragraphs into lines of at most so many characters, 0 for any number, and keeps what they are indented by.
func Wrap(text string, width int) string {
	if width <= 0 {
		return text
	}
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		indent := paragraph[:len(paragraph)-len(strings.TrimLeft(paragraph, " "))]
		line := indent
		for word := range strings.SplitSeq(strings.TrimSpace(paragraph), " ") {
			if line != indent && length(line)+1+length(word) > width {
				lines = append(lines, line)
				line = indent
			}
			if line != indent {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func length(text string) int { return utf8.RuneCountInString(text) }
