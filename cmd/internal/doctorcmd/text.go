package doctorcmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/aligned"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
)

type printer struct {
	w        io.Writer
	coloured bool
}

// marks are how results stand at the beginning of a line.
var marks = map[string]struct {
	text   string
	colour run.Colour
}{
	good:    {"ok  ", run.Good},
	warning: {"warn", run.Odd},
	failed:  {"FAIL", run.Bad},
	skipped: {"-   ", run.Faint},
}

// group prints a group's findings, a line each, with the remedy below.
func (p printer) group(g *group) {
	fmt.Fprintln(p.w, g.name)
	for _, f := range g.findings {
		mark := marks[f.Result].text
		if p.coloured {
			mark = marks[f.Result].colour.Paint(mark)
		}
		line := f.Name
		if f.Detail != "" {
			line += ": " + f.Detail
		}
		fmt.Fprintf(p.w, "  %s  %s\n", mark, p.fold(line, "        "))
		if f.Remedy != "" {
			fmt.Fprintf(p.w, "        %s\n", p.fold("remedy: "+f.Remedy, "        "))
		}
	}
}

// fold breaks a line for the terminal and indents what goes below.
func (p printer) fold(line, indent string) string {
	width := run.Width()
	if width > 0 {
		width = max(20, width-len(indent))
	}
	return strings.ReplaceAll(aligned.Wrap(line, width), "\n", "\n"+indent)
}

func (p printer) sum(all []Finding) {
	count := map[string]int{}
	for _, f := range all {
		count[f.Result]++
	}
	fmt.Fprintf(p.w, "\n%d ok, %s, %s, %d skipped\n", count[good], quantity.Of(count[warning], "warning"), quantity.Of(count[failed], "failure"), count[skipped])
}
