// Package run is what every program of the project does around its work: flags, configuration, logging,
// the clock, signals, exit codes, the record of the run and the table of results at its end.
package run

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/report"
)

// Program describes a program, for its help and for [Main].
type Program struct {
	Name     string
	Purpose  string                   // one or two sentences, more in paragraphs of their own
	Examples []string                 // command lines
	Args     []string                 // names of the arguments it needs, in order, such as TABLE
	NoArgs   func() bool              // reports, by the flags, that it needs none; may be nil
	Ranged   bool                     // takes --from and --to beside --date
	Plain    bool                     // takes no --date, --jobs, --tables and --dry-run
	Commits  bool                     // takes --accept-type-change and --accept-drop
	Drops    bool                     // takes --accept-drop
	Looks    bool                     // only looks: takes --jobs and --tables, but no --date and --dry-run
	Bare     bool                     // plain, and works without a configuration: Env.Config is nil
	Examines bool                     // tells itself what is odd about the configuration, which else is logged
	Needs    func([]job.Job) []string // the parts of the configuration that its jobs need, so that it is refused without them; may be nil
	Flags    func(*flag.FlagSet)      // adds flags of its own; may be nil
	Run      func(context.Context, *Env) error

	// AskMySQL says what MySQL holds, for the report. It is nil in programs that do not know MySQL.
	AskMySQL func(context.Context, *config.Config) *report.MySQL
}

// Main runs the program with the process's arguments and exits with the class of its error.
func Main(p Program) { os.Exit(p.Execute(os.Args[1:])) }

// Execute runs the program with the given arguments and returns its exit code.
func (p Program) Execute(args []string) int {
	ctx, signals := watchSignals(context.Background())
	defer signals.stop()
	options, err := p.parse(args, os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return int(fault.OK)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\nRun `%s --help` for its flags.\n", p.Name, err, p.Name)
		return int(fault.Usage)
	}
	screen := newScreen(os.Stderr, options)
	defer screen.close()
	env, err := newEnv(p, options, screen)
	if err == nil {
		err = explainStop(ctx, p.Run(ctx, env), runAgain)
	}
	screen.close()
	code := signals.exitCode(err)
	reportError(os.Stderr, p.Name, options, err, code)
	if env != nil {
		env.alert(ctx, p, err, code)
	}
	return code
}

// options are the common flags' values as given.
type options struct {
	config, date, from, to        string
	jobs, tables, newTypes, drops string
	args                          []string
	plain, bare, dryRun           bool
	logFormat, logLevel, showAs   string
}

func (p Program) parse(args []string, help io.Writer) (*options, error) {
	o := options{plain: p.Plain || p.Bare, bare: p.Bare}
	fs := p.flags(&o)
	err := fs.Parse(args)
	for err == nil && fs.NArg() > 0 { // flags may also follow arguments
		o.args = append(o.args, fs.Arg(0))
		err = fs.Parse(fs.Args()[1:])
	}
	if p.NoArgs != nil && p.NoArgs() {
		p.Args = nil
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		p.help(fs, help)
	case err == nil && len(o.args) > len(p.Args):
		err = fmt.Errorf("unexpected argument %q", o.args[len(p.Args)])
	case err == nil && len(o.args) < len(p.Args):
		err = fmt.Errorf("%s is missing", strings.Join(p.Args[len(o.args):], " "))
	case err == nil:
		err = errors.Join(nothingEmpty(fs), o.check())
	}
	return &o, err
}

// nothingEmpty refuses a date given as "", and names of which there is none: a script's variable that is
// not set must not mean today, all dates, jobs or tables.
func nothingEmpty(fs *flag.FlagSet) error {
	var errs []error
	fs.Visit(func(f *flag.Flag) {
		switch name, _ := flag.UnquoteUsage(f); {
		case name == "DATE" && f.Value.String() == "":
			errs = append(errs, fmt.Errorf("--%s is empty: give a date such as 2026-03-01, or leave the flag out", f.Name))
		case name == "NAMES" && len(Split(f.Value.String())) == 0:
			errs = append(errs, fmt.Errorf("--%s is empty: give one name or more, or leave the flag out", f.Name))
		}
	})
	return errors.Join(errs...)
}

// FlagSet returns the program's flags, for those who tell of them.
func (p Program) FlagSet() *flag.FlagSet {
	var o options
	return p.flags(&o)
}

// flags returns the flags, whose values go to o and to the program.
func (p Program) flags(o *options) *flag.FlagSet {
	fs := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are printed once, by the caller
	if !p.Bare {
		fs.StringVar(&o.config, "config", "", "read the configuration from `FILE` (default: ENV_FILE in ENV_DIR)")
	}
	if !p.Plain && !p.Bare {
		fs.StringVar(&o.jobs, "jobs", "", "comma-separated `NAMES` of jobs (default: JOB_NAMES)")
		fs.StringVar(&o.tables, "tables", "", "only these tables, comma-separated `NAMES`")
		if !p.Looks {
			fs.StringVar(&o.date, "date", "", "logical `DATE` as YYYY-MM-DD, UTC (default today)")
			fs.BoolVar(&o.dryRun, "dry-run", false, "say what would be done and touch nothing")
		}
	}
	if p.Ranged {
		fs.StringVar(&o.from, "from", "", "first `DATE` of a range")
		fs.StringVar(&o.to, "to", "", "last `DATE` of a range, inclusive")
	}
	if p.Commits || p.Drops {
		fs.StringVar(&o.drops, "accept-drop", "", "let these `TABLES`, raw or curated, lose more than QUALITY.max_drop")
	}
	if p.Commits {
		fs.StringVar(&o.newTypes, "accept-type-change", "", "let columns of these `TABLES` change their type")
	}
	fs.StringVar(&o.logFormat, "log-format", "", "log as `FORMAT`: text or json (default: text on a terminal, else json)")
	fs.StringVar(&o.logLevel, "log-level", "", "log from this `LEVEL` on: debug, info, warn or error (default: LOG_LEVEL)")
	fs.StringVar(&o.showAs, "progress", "auto", "show progress `WHEN`: auto (on a terminal), always or never")
	if p.Flags != nil {
		p.Flags(fs)
	}
	return fs
}

func (o *options) check() error {
	one := func(flag, value string, allowed ...string) error {
		for _, a := range allowed {
			if value == a {
				return nil
			}
		}
		return fmt.Errorf("--%s is %q, must be one of: %s", flag, value, strings.Join(allowed, ", "))
	}
	var errs []error
	if o.logFormat != "" {
		errs = append(errs, one("log-format", o.logFormat, "text", "json"))
	}
	if o.logLevel != "" {
		errs = append(errs, one("log-level", strings.ToLower(o.logLevel), "debug", "info", "warn", "error"))
	}
	errs = append(errs, one("progress", o.showAs, "auto", "always", "never"))
	if o.date != "" && (o.from != "" || o.to != "") {
		errs = append(errs, errors.New("--date goes without --from and --to"))
	}
	if (o.from == "") != (o.to == "") {
		errs = append(errs, errors.New("--from and --to go together"))
	}
	return errors.Join(errs...)
}

// load reads the configuration that the options name, with what the jobs need of it.
func (o *options) load(needs func([]job.Job) []string) (*config.Config, error) {
	src := config.Source{Path: o.config}
	if needs != nil {
		src.Needs = func(names []string) []string {
			if o.jobs != "" {
				names = Split(o.jobs)
			}
			var jobs []job.Job
			for _, name := range names {
				if known, err := job.Select([]string{name}); err == nil { // else that is told elsewhere
					jobs = append(jobs, known...)
				}
			}
			return needs(jobs)
		}
	}
	return config.Load(src)
}
