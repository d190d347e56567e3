// Package report makes a page that tells how a lake stands: how fresh its tables are, how their rows went over time, which gates
// found something, what the runs did and cost, how schemas drifted and what the loads changed.
//
// The page is one file: it needs no network and no script, fits a phone and a sheet of paper, and follows the reader's choice of a dark
// or light screen. It is made from manifests, records of runs, and what MySQL says that it holds.
package report

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// MaxAge is how old data may be before the page calls it late: a night and a half.
const MaxAge = 36 * time.Hour

// How much the page tells, so that it stays small however much the lake holds.
const (
	plottedDays = 120 // of rows and requests
	readDays    = 30  // of which gates and drift are told
	shownRuns   = 60
	readRuns    = plottedDays * 12 // whose requests are added up, a few runs each day
	shownDrift  = 100
	shownLoads  = 8
)

// Options say what the page is about.
type Options struct {
	Jobs    []job.Job // those whose tables should be there
	Now     time.Time
	Version string // of the program
	MySQL   *MySQL // what MySQL holds; nil where this program does not ask it
}

// MySQL is what the database said that it holds.
type MySQL struct {
	Server string
	Newest map[string]Loaded // the newest snapshot that each table holds, by the table's name
	Error  string            // why it could not be asked; then Newest says nothing
	Remedy string
}

// Loaded is a snapshot that a table of MySQL holds.
type Loaded struct {
	Table  lake.Table
	Date   lake.Date
	SHA256 string // of its manifest
}

// page is what the template shows.
type page struct {
	Lake    string
	Made    time.Time
	Version string
	MaxAge  string
	Days    int

	Verdict  verdict
	MySQL    *MySQL
	Troubles []runView
	Jobs     []jobView
	Plots    []plotView
	RawPlots []plotView
	Gates    []gateView
	Passed   int64
	Runs     []runView
	Quotas   []quotaView
	Drift    []driftView
	Loads    []loadView
	Problems []string
	More     more
}

// QuotaPlots returns the plots of the requests.
func (p page) QuotaPlots() []plotView {
	var plots []plotView
	for _, q := range p.Quotas {
		plots = append(plots, q.Plot)
	}
	return plots
}

// more counts what the page leaves out.
type more struct{ Runs, Drift int64 }

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"number": quantity.Number[int64], "signed": signed, "size": size, "moment": moment, "duration": duration, "age": age, "breaks": breaks, "start": start,
	"css": func() template.CSS { return template.CSS(pageCSS) },
}).Parse(pageHTML))

// Make returns the page about a lake, in HTML.
func Make(ctx context.Context, l *lake.Lake, o Options) ([]byte, error) {
	found, err := collect(ctx, l, o)
	if err != nil {
		return nil, fmt.Errorf("collect for the report: %w", err)
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, found.page(o)); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return out.Bytes(), nil
}
