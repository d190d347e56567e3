package run

import (
	"fmt"
	"io"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/aligned"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Report is what a stage did.
type Report struct {
	Lines     []Line
	Manifests []string // paths of the manifests it committed
	Requests  *lake.Requests
	Resumes   bool // if it did not end, the same command goes on where it stopped
}

// Line is what a stage did to one table.
type Line struct {
	Stage    string
	Date     lake.Date
	Table    string
	Rows     int64
	NoRows   bool // nothing was committed, whatever was read
	Duration time.Duration
	Requests int64         // asked of the source; 0 where there is none
	Changes  *lake.Changes // of a load
	Note     string        // what is worth knowing, a few words
}

// Add appends the lines, manifests and requests of another report.
func (r *Report) Add(o Report) {
	r.Lines = append(r.Lines, o.Lines...)
	r.Manifests = append(r.Manifests, o.Manifests...)
	if o.Requests == nil {
		return
	}
	if r.Requests == nil {
		r.Requests = new(lake.Requests)
	}
	r.Requests.Add(*o.Requests)
}

// done returns what the run's record keeps of the lines.
func (r Report) done() []lake.Done {
	var all []lake.Done
	for _, l := range r.Lines {
		all = append(all, lake.Done{
			Table: l.Table, Date: l.Date, Rows: l.Rows, Seconds: l.Duration.Round(time.Millisecond).Seconds(), Requests: l.Requests,
			Changes: l.Changes, Note: l.Note,
		})
	}
	return all
}

func (r Report) rows() int64 {
	var n int64
	for _, l := range r.Lines {
		n += l.Rows
	}
	return n
}

// Print writes the report as an aligned table.
func (r Report) Print(w io.Writer) {
	if len(r.Lines) == 0 {
		return
	}
	rows := [][]string{{"stage", "date", "table", "rows", "seconds", "requests", "note"}}
	for _, l := range r.Lines {
		rowCount := quantity.Number(l.Rows)
		if l.NoRows {
			rowCount = "-"
		}
		requests := ""
		if l.Requests > 0 {
			requests = quantity.Number(l.Requests)
		}
		rows = append(rows, []string{l.Stage, l.Date.String(), l.Table, rowCount, fmt.Sprintf("%.1f", l.Duration.Seconds()), requests, l.Note})
	}
	PrintTable(w, rows, "rows", "seconds", "requests")
}

// PrintTable writes rows as aligned columns, or as what else a line of standard output has room for. The first row has their names, and the
// columns of these names are aligned to the right.
func PrintTable(w io.Writer, rows [][]string, right ...string) {
	aligned.Print(w, Width(), rows, right...)
}
