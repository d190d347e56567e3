package statuscmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// print writes the status as text: wide tables, or where a line can have only so many characters, a paragraph for each row.
func (s *Status) print(w io.Writer, width int, coloured bool) error {
	p := &printer{width: width, coloured: coloured}
	p.line(run.Plain, "%s UTC, lake %s", s.At.Format(time.DateTime), s.Lake)
	if s.MySQL.Error != "" {
		p.line(run.Odd, "MySQL %s cannot be asked: %s", s.MySQL.Server, s.MySQL.Error)
		p.line(run.Faint, "  %s", s.MySQL.Remedy)
	}
	for _, j := range s.Jobs {
		p.line(run.Plain, "\n%s", j.Name)
		p.table(j.tableRows(s.MySQL.Error == ""), "rows", "change", "age")
		if len(j.Runs) > 0 {
			p.line(run.Plain, "")
			p.table(j.runRows(s.At), "seconds", "requests", "quota left")
		}
	}
	s.printNotes(p)
	_, err := w.Write(p.out.Bytes())
	return err
}

// row is a line of a table, its colour, and what else to say of it.
type row struct {
	cells  []string
	colour run.Colour
}

func (j Job) tableRows(mysql bool) []row {
	header := []string{"table", "date", "age", "rows", "change", "gates"}
	if mysql {
		header = append(header, "MySQL")
	}
	rows := []row{{cells: header}}
	for _, t := range j.Tables {
		r := row{cells: []string{string(t.Table), cmp.Or(t.Date.String(), t.State), t.ageText(), t.rowsText(), t.changeText(), t.gatesText()}}
		if mysql {
			r.cells = append(r.cells, t.mysqlText())
		}
		switch {
		case t.State == Missing || t.State == Unread || t.State == Late:
			r.colour = run.Bad
		case len(t.Gates) > 0 || len(t.Drift) > 0 || t.MySQL != nil && !t.MySQL.Current:
			r.colour = run.Odd
		}
		rows = append(rows, r)
	}
	return rows
}

func (t Table) ageText() string {
	if t.Date.IsZero() {
		return ""
	}
	return span(t.age)
}

func (t Table) rowsText() string {
	if t.Date.IsZero() {
		return ""
	}
	return quantity.Number(t.Rows)
}

// changeText is the difference to the rows of the day before; intervals are no states that could be compared.
func (t Table) changeText() string {
	if t.Before == nil || t.Interval {
		return ""
	}
	diff := t.Rows - t.Before.Rows
	text := quantity.Number(diff)
	if diff >= 0 {
		text = "+" + text
	}
	if t.Before.Rows > 0 && diff != 0 {
		text += fmt.Sprintf(" (%+.1f%%)", 100*float64(diff)/float64(t.Before.Rows))
	}
	return text
}

func (t Table) gatesText() string {
	switch n := len(t.Gates) + len(t.Drift); {
	case t.Date.IsZero():
		return ""
	case n == 0:
		return "ok"
	default:
		return quantity.Of(n, "note")
	}
}

func (t Table) mysqlText() string {
	switch m := t.MySQL; {
	case m == nil:
		return ""
	case m.Date.IsZero():
		return "not loaded"
	case m.Current:
		return "current"
	case m.Date == t.Date:
		return "an earlier one of the day"
	default:
		return m.Date.String()
	}
}

func (j Job) runRows(now time.Time) []row {
	header := []string{"last run", "of", "state", "started", "seconds", "requests"}
	tells := slices.ContainsFunc(j.Runs, func(r Run) bool { return r.quota() != "" })
	if tells {
		header = append(header, "quota left")
	}
	rows := []row{{cells: header}}
	for _, r := range j.Runs {
		line := row{cells: []string{r.Stage, r.Date.String(), string(r.State), span(now.Sub(r.StartedAt)) + " ago", "", ""}}
		if r.Seconds > 0 {
			line.cells[4] = fmt.Sprintf("%.1f", r.Seconds)
		}
		if r.Requests != nil && r.Requests.Total > 0 {
			line.cells[5] = quantity.Number(r.Requests.Total)
		}
		if tells {
			line.cells = append(line.cells, r.quota())
		}
		switch r.State {
		case lake.Failed, lake.Killed:
			line.colour = run.Bad
		case lake.Interrupted:
			line.colour = run.Odd
		}
		rows = append(rows, line)
	}
	return rows
}

// quota is the least that was left of the source's quota, "" where the source does not tell.
func (r Run) quota() string {
	if r.Requests == nil || r.Requests.Quota == nil {
		return ""
	}
	return fmt.Sprintf("%.0f of %.0f", r.Requests.Quota.Least, r.Requests.Quota.Most)
}

// span writes a time span by its largest unit, or two.
func span(d time.Duration) string {
	d = max(0, d)
	switch hours := int(d.Hours()); {
	case hours >= 72:
		return fmt.Sprintf("%d days", hours/24)
	case hours >= 1:
		return fmt.Sprintf("%d h", hours)
	default:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
}
