package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// The drawing area of a plot, in its own units.
const (
	plotWidth  = 300
	plotHeight = 64
	plotMargin = 3 // so that lines and dots are not cut
)

// point is a number on a date.
type point struct {
	date  lake.Date
	value int64
}

// plotView is a small line over dates, from zero up.
type plotView struct {
	Name, Unit   string
	Path         string // of SVG
	Width        int
	Height       int
	From, To     lake.Date
	First, Last  int64
	Least, Most  int64
	Points, Gaps int // dates with a number, and runs of dates without
}

// Empty tells that there is nothing to draw.
func (p plotView) Empty() bool { return p.Points == 0 }

// About says in words what the plot shows.
func (p plotView) About() string {
	text := fmt.Sprintf("%s of %s: %s on %s", p.Unit, p.Name, quantity.Number(p.First), p.From)
	if p.Points > 1 {
		text += fmt.Sprintf(", %s on %s; lowest %s, highest %s", quantity.Number(p.Last), p.To, quantity.Number(p.Least), quantity.Number(p.Most))
	}
	if p.Gaps > 0 {
		text += fmt.Sprintf("; gaps where dates are missing: %d", p.Gaps)
	}
	return text
}

// plot draws the points of the last days. A line breaks where dates are missing.
func plot(name, unit string, points []point, today lake.Date) plotView {
	since := today.AddDays(-plottedDays)
	points = slices.DeleteFunc(slices.Clone(points), func(p point) bool { return p.date.Before(since) })
	slices.SortFunc(points, func(a, b point) int { return a.date.Compare(b.date) })
	v := plotView{Name: name, Unit: unit, Width: plotWidth, Height: plotHeight, Points: len(points)}
	if len(points) == 0 {
		return v
	}
	begin, end := points[0], points[len(points)-1]
	v.From, v.To, v.First, v.Last = begin.date, end.date, begin.value, end.value
	v.Least, v.Most = begin.value, begin.value
	for _, p := range points {
		v.Least, v.Most = min(v.Least, p.value), max(v.Most, p.value)
	}
	var path strings.Builder
	for i, p := range points {
		x := float64(plotMargin)
		if span := days(v.From, v.To); span > 0 {
			x += float64(days(v.From, p.date)) / float64(span) * (plotWidth - 2*plotMargin)
		}
		y := plotHeight - plotMargin - float64(p.value)/float64(max(v.Most, 1))*(plotHeight-2*plotMargin)
		next := i > 0 && days(points[i-1].date, p.date) == 1
		if i > 0 && !next {
			v.Gaps++
		}
		if next {
			fmt.Fprintf(&path, "L%.1f %.1f", x, y)
		} else {
			fmt.Fprintf(&path, "M%.1f %.1fh0", x, y) // a dot, if nothing follows
		}
	}
	v.Path = path.String()
	return v
}

func days(from, to lake.Date) int { return int(to.Time().Sub(from.Time()).Hours() / 24) }
