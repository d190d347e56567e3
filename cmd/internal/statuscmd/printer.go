package statuscmd

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/aligned"
)

// printer collects lines.
type printer struct {
	out      bytes.Buffer
	width    int // of a line; 0 for any
	coloured bool
}

func (p *printer) line(c run.Colour, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !p.coloured {
		c = run.Plain
	}
	for i, l := range strings.Split(aligned.Wrap(text, p.width), "\n") {
		if i > 0 || l != "" {
			p.out.WriteString(c.Paint(l))
		}
		p.out.WriteString("\n")
	}
}

// note prints a sentence with a mark before it.
func (p *printer) note(c run.Colour, mark, text string) {
	text = aligned.Wrap(text, max(0, p.width-2))
	if !p.coloured {
		c = run.Plain
	}
	for l := range strings.SplitSeq(text, "\n") {
		p.out.WriteString(c.Paint(mark+" "+l) + "\n")
		mark = " "
	}
}

// table prints rows as aligned columns, or where they are too wide as paragraphs.
func (p *printer) table(rows []row, right ...string) {
	var cells [][]string
	for _, r := range rows {
		cells = append(cells, r.cells)
	}
	var out bytes.Buffer
	aligned.Print(&out, 0, cells, right...)
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	if p.width > 0 && utf8.RuneCountInString(lines[1]) > p.width { // the line below the header
		p.paragraphs(rows)
		return
	}
	for i, l := range lines {
		c := run.Plain
		if i > 1 && p.coloured {
			c = rows[i-1].colour
		}
		p.out.WriteString(c.Paint(l) + "\n")
	}
}

func (p *printer) paragraphs(rows []row) {
	for _, r := range rows[1:] {
		first, rest, _ := strings.Cut(aligned.Paragraph(rows[0].cells, r.cells, 1, p.width), "\n")
		p.line(r.colour, "%s", first)
		p.out.WriteString(rest)
	}
}
