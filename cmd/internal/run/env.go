package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/signals"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/report"
)

// Env is what a program gets to work with: its checked flags and configuration, and the world.
type Env struct {
	Name      string
	Config    *config.Config
	Arg       []string // the program's arguments, as many as its Args
	Jobs      []job.Job
	Tables    []string  // empty for all
	Lenient   bool      // a stage may pass over Tables that it does not know
	From, To  lake.Date // the dates to work on, both inclusive; equal without --from and --to, and zero in a plain program
	Today     lake.Date
	DryRun    bool
	Parent    lake.RunID // the execution that the stages are part of; "" for a stage alone
	Restart   bool       // fetch again what an interrupted extract has saved
	Batch     bool       // the stage is one of many: what follows after all of them is left to the caller
	NewTypes  []string   // tables whose columns may change their type
	drops     []string   // tables that may lose more than QUALITY.max_drop
	Log       *slog.Logger
	Out       io.Writer // for results
	Progress  Progress
	Status    func(line func() string) (shown bool) // shows a line below the progress bars, if there are any
	Now       func() time.Time
	Simulated bool // Now is not the real time
	Version   string
	Args      []string // for the record; no flag carries a secret

	askMySQL func(context.Context, *config.Config) *report.MySQL

	failed *failures       // shared by the Envs of all jobs
	teller *signals.Teller // likewise
	killed *search         // likewise
}

func newEnv(p Program, o *options, screen *screen) (*Env, error) {
	now, simulated, err := clock()
	if err != nil {
		return nil, err
	}
	e := &Env{
		Name: p.Name, Arg: o.args, DryRun: o.dryRun, Log: screen.log, Out: screen.below(os.Stdout), Progress: screen.progress(), Status: screen.status,
		Now: now, Simulated: simulated, Version: Version(), Today: lake.DateOf(now()), Args: os.Args[1:],
		askMySQL: p.AskMySQL, failed: new(failures), teller: new(signals.Teller), killed: new(search),
	}
	if o.bare {
		return e, nil
	}
	cfg, err := o.load(p.Needs)
	if err != nil {
		return nil, err
	}
	e.Config = cfg
	if o.logLevel == "" {
		screen.setLevel(cfg.LogLevel)
	}
	if !p.Examines {
		for _, w := range cfg.Warnings {
			e.Log.Warn("configuration warning", "file", cfg.Path, "what", w)
		}
	}
	if simulated {
		e.Log.Warn("the clock is simulated", "now", now().Format(time.RFC3339))
	}
	if e.From, e.To, err = o.dates(e.Today); err != nil {
		return nil, err
	}
	e.Tables, e.NewTypes, e.drops = Split(o.tables), Split(o.newTypes), Split(o.drops)
	if o.jobs == "" {
		e.Jobs, err = job.Select(cfg.JobNames)
	} else if e.Jobs, err = job.Select(Split(o.jobs)); err != nil {
		err = fault.New(fault.Usage, "choose from: "+strings.Join(job.Names(), ", "), fmt.Errorf("--jobs: %w", err))
	}
	if err != nil {
		return e, err
	}
	return e, e.checkDrops()
}

// Drop returns the rule about what a table may lose, with the tables of --accept-drop.
func (e *Env) Drop() drop.Rule {
	return drop.Rule{Max: e.Config.Quality.MaxDrop, Accept: e.drops}
}

// checkDrops refuses names in --accept-drop that no job has. Each stage passes over the tables of the others.
func (e *Env) checkDrops() error {
	known := job.AllTables(e.Jobs)
	for _, name := range e.drops {
		if !slices.Contains(known, name) {
			return fault.New(fault.Usage, "the tables are: "+strings.Join(known, ", "), fmt.Errorf("--accept-drop names %q", name))
		}
	}
	return nil
}

// Split returns the names in a list with commas or spaces between them.
func Split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func (o *options) dates(today lake.Date) (from, to lake.Date, err error) {
	parse := func(flag, text string, otherwise lake.Date) lake.Date {
		if text == "" || err != nil {
			return otherwise
		}
		d, parseErr := lake.ParseDate(text)
		if parseErr != nil {
			err = fault.New(fault.Usage, "write dates as 2026-03-01", fmt.Errorf("--%s: %w", flag, parseErr))
		}
		return d
	}
	date := today
	if o.plain {
		date = lake.Date{}
	}
	date = parse("date", o.date, date)
	from, to = parse("from", o.from, date), parse("to", o.to, date)
	switch {
	case err != nil:
	case to.Before(from):
		err = fault.New(fault.Usage, "give the earlier date to --from", fmt.Errorf("--from %s is after --to %s", from, to))
	case today.Before(to):
		err = fault.New(fault.Usage, "choose a date up to today", fmt.Errorf("%s is in the future, today is %s (UTC)", to, today))
	}
	return from, to, err
}

// WithLake opens the configured lake for f and closes it afterwards.
func (e *Env) WithLake(ctx context.Context, f func(*lake.Lake) error) (err error) {
	l, err := lake.Open(ctx, e.Config.Lake.URL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return f(l)
}

// ForJob returns an Env for that job alone, whose stages pass over --tables that they do not know.
func (e *Env) ForJob(j job.Job) *Env {
	alone := *e
	alone.Jobs, alone.Lenient = []job.Job{j}, true
	alone.Log = e.Log.With("job", j.Name)
	return &alone
}

// Select returns which of the known tables --tables asks for, all without the flag.
func (e *Env) Select(known []string) ([]string, error) {
	if len(e.Tables) == 0 {
		return known, nil
	}
	var selected []string
	for _, t := range e.Tables {
		switch {
		case slices.Contains(known, t):
			selected = append(selected, t)
		case !e.Lenient:
			return nil, fault.New(fault.Usage, "the tables are: "+strings.Join(known, ", "), fmt.Errorf("--tables names %q", t))
		}
	}
	return selected, nil
}

// CSVDir is where CREATE_CSVS puts its files.
const CSVDir = "data"
