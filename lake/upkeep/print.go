package upkeep

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/aligned"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

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

// grid prints aligned columns. The first row is the head; a column whose name ends in > is aligned to the right.
func grid(w io.Writer, width int, rows [][]string) {
	var right []string
	for i, name := range rows[0] {
		if name, isRight := strings.CutSuffix(name, ">"); isRight {
			rows[0][i] = name
			right = append(right, name)
		}
	}
	aligned.Print(w, width, rows, right...)
}

// PrintUsage prints what [List] returned as a table, in lines of at most so many characters, 0 for any number.
func PrintUsage(w io.Writer, width int, all []Usage) {
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
			string(u.Table), quantity.Number(u.Dates), u.First.String(), u.Newest.String(), quantity.Number(u.Rows),
			size(u.Bytes), size(u.TotalBytes), number, string(u.Run), finished, u.note(),
		})
	}
	grid(w, width, table)
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
			text += fmt.Sprintf(" and %s before", quantity.Of(n-mostGaps, "gap"))
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
	result := fmt.Sprintf("%s of damage, %s", quantity.Of(damaged, "finding"), quantity.Of(len(v.Findings)-damaged, "note"))
	fmt.Fprintf(w, "%s of %s, %s with %s in %s, %s: %s\n", quantity.Of(v.Snapshots, "snapshot"), quantity.Of(v.Tables, "table"),
		quantity.Of(v.Files, "file"), quantity.Of(v.Rows, "row"), size(v.Bytes), how, result)
}

// Print prints what a clean-up would do, a line for each table and reason, of at most so many characters, 0 for any number.
func (p *Plan) Print(w io.Writer, width int) {
	type group struct{ what, table, why string }
	type sum struct {
		dates    map[lake.Date]bool
		bytes    int64
		objects  int64
		from, to lake.Date
	}
	var order []group
	sums := map[group]*sum{}
	add := func(g group, d lake.Date, objects, bytes int64) {
		s := sums[g]
		if s == nil {
			s = &sum{dates: map[lake.Date]bool{}}
			sums[g] = s
			order = append(order, g)
		}
		s.objects, s.bytes = s.objects+objects, s.bytes+bytes
		if d.IsZero() {
			return
		}
		s.dates[d] = true
		if s.from.IsZero() || d.Before(s.from) {
			s.from = d
		}
		if s.to.Before(d) {
			s.to = d
		}
	}
	for _, e := range p.Expiries {
		add(group{"remove", string(e.Table), "LAKE.retention does not keep the dates"}, e.Date, 0, e.Bytes)
	}
	for _, d := range p.Deletions {
		add(group{"delete", string(d.Table), string(d.Why)}, d.Date, 1, d.Bytes)
	}
	table := [][]string{{"what", "table", "dates>", "from", "to", "objects>", "bytes>", "why"}}
	for _, g := range order {
		s, dates := sums[g], ""
		if len(s.dates) > 0 {
			dates = quantity.Number(len(s.dates))
		}
		table = append(table, []string{
			g.what, g.table, dates, s.from.String(), s.to.String(), quantity.Number(s.objects), size(s.bytes), g.why,
		})
	}
	if len(order) > 0 {
		grid(w, width, table)
	}
	for _, h := range p.Held {
		fmt.Fprintf(w, "%s of %s not in force: kept, %s\n", quantity.Of(h.Snapshots, "snapshot"), size(h.Bytes), h.Why)
	}
	for _, f := range p.LeftAlone {
		fmt.Fprintf(w, "%s for %s: left alone, %s: %s\n", f.Table, f.Date, f.Object, f.What)
	}
	fmt.Fprintf(w, "%s to remove, %s with %s to delete\n", quantity.Of(len(p.Expiries), "date"), quantity.Of(len(p.Deletions), "object"), size(bytesOf(p.Deletions)))
	if len(p.Expiries) > 0 {
		fmt.Fprintf(w, "what is removed can be brought back by `lake rm --undo`, and is deleted by the first clean-up after %s\n", time.Duration(p.Grace))
	}
}
