package upkeep

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

var english = message.NewPrinter(language.English)

// size returns bytes as a person says them, in powers of ten.
func size(bytes int64) string {
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes), 0
	for value >= 999.5 && unit < 5 {
		value /= 1000
		unit++
	}
	return fmt.Sprintf("%.3g %cB", value, " kMGTP"[unit])
}

// count returns a number with its noun, "1 file" or "2 files".
func count[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return english.Sprintf("%d", n) + " " + noun
}

// grid prints aligned columns. The first row is the head; a column whose name ends in > is aligned to the right.
func grid(w io.Writer, rows [][]string) {
	width := make([]int, len(rows[0]))
	right := make([]bool, len(rows[0]))
	for i, name := range rows[0] {
		rows[0][i], right[i] = strings.CutSuffix(name, ">")
	}
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if right[i] {
				line.WriteString(pad + cell + "  ")
			} else {
				line.WriteString(cell + pad + "  ")
			}
		}
		text := strings.TrimRight(line.String(), " ")
		fmt.Fprintln(w, text)
		if n == 0 {
			fmt.Fprintln(w, strings.Repeat("-", utf8.RuneCountInString(text)))
		}
	}
}

// PrintUsage prints what [List] returned as a table.
func PrintUsage(w io.Writer, all []Usage) {
	table := [][]string{{"table", "dates>", "first", "newest", "rows>", "bytes>", "total>", "no.>", "run", "finished", "note"}}
	for _, u := range all {
		number, finished := "", ""
		if u.Number > 0 {
			number = fmt.Sprint(u.Number)
		}
		if !u.FinishedAt.IsZero() {
			finished = u.FinishedAt.UTC().Format("2006-01-02 15:04:05")
		}
		table = append(table, []string{
			string(u.Table), english.Sprintf("%d", u.Dates), u.First.String(), u.Newest.String(), english.Sprintf("%d", u.Rows),
			size(u.Bytes), size(u.TotalBytes), number, string(u.Run), finished, u.note(),
		})
	}
	grid(w, table)
}

const mostGaps = 4 // that a line names

func (u Usage) note() string {
	var notes []string
	if u.Problem != "" {
		notes = append(notes, u.Problem)
	}
	if u.Interval {
		notes = append(notes, "an interval per date")
	}
	if u.Removed > 0 {
		notes = append(notes, fmt.Sprintf("%d removed", u.Removed))
	}
	if n := len(u.Gaps); n > 0 {
		var spans []string
		for _, g := range u.Gaps[max(0, n-mostGaps):] {
			spans = append(spans, g.String())
		}
		text := "without " + strings.Join(spans, ", ")
		if n > mostGaps {
			text += fmt.Sprintf(" and %s before", count(n-mostGaps, "gap"))
		}
		notes = append(notes, text)
	}
	return strings.Join(notes, "; ")
}

// Print prints every finding, and a line that sums up.
func (v Verification) Print(w io.Writer) {
	for _, f := range v.Findings {
		fmt.Fprintf(w, "%-6s  %-19s  %s\n%29s%s\n", f.Severity, f.Code, f.Object, "", f.What)
		if f.Remedy != "" {
			fmt.Fprintf(w, "%29sremedy: %s\n", "", f.Remedy)
		}
	}
	how := "as their footers tell"
	if v.Deep {
		how = "read to the end"
	}
	damaged := v.Damaged()
	result := fmt.Sprintf("%s of damage, %s", count(damaged, "finding"), count(len(v.Findings)-damaged, "note"))
	fmt.Fprintf(w, "%s of %s, %s with %s in %s, %s: %s\n", count(v.Snapshots, "snapshot"), count(v.Tables, "table"),
		count(v.Files, "file"), count(v.Rows, "row"), size(v.Bytes), how, result)
}
