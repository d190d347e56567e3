// Package transform derives the curated tables of the lake from its raw ones.
//
// A curated table is a [Set]: one SELECT in models/<name>.sql and one entry in the list of
// [Sets], which names what the model reads, what it yields and which quality gates
// its rows must pass. [Run] computes all sets of a date from exactly the files that the manifests
// name, checks them, and only then commits them: a failed gate leaves that date as it was.
//
// Rows that a model cannot use, such as a reference to nothing, stand in the table
// curated/<name>__rejected with the reason. That table is committed together with its set whenever the set can
// reject rows, also when it has none, so that it always describes the newest commit.
package transform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Plan says what a run transforms and how.
type Plan struct {
	From, To lake.Date // both inclusive; the zero To means From alone
	Tables   []string  // names of sets; none means all of them
	Drop     drop.Rule // what a table may lose since its previous snapshot
	DryRun   bool      // find the inputs, compute nothing

	AcceptTypeChange []string // sets whose columns may change their type

	Run            lake.RunID // of this run; made up if empty
	ToolVersion    string
	SimulatedClock bool
	Now            func() time.Time // nil means time.Now
	WorkDir        string           // parent of the run's scratch directory; empty means the system's
	Progress       func(Progress)   // may be nil; called from the goroutine of Run
}

// Progress is one step of a run, reported when it begins.
type Progress struct {
	Date lake.Date
	Set  string // empty for a step that concerns all sets
	Step string // "stage", "model", "check" or "commit"
}

// Result is what a run did, or for a dry run what it would read.
type Result struct {
	Run     lake.RunID
	Dates   []DateResult
	Skipped []lake.Date // dates of a range for which the lake holds no input at all
}

// DateResult is what a run did for one date. Its sets all became visible, or none did, except where the lake
// itself fails between two commits: then it has the sets that did.
type DateResult struct {
	Date lake.Date
	Sets []SetResult
}

// SetResult is what a run did for one set and date.
type SetResult struct {
	Set      string
	Inputs   []lake.Input
	Snapshot lake.Snapshot // zero in a dry run
	Rejected lake.Snapshot // zero where the set cannot reject
	Elapsed  time.Duration // of the model and the checks of the set
}

// Run transforms every date of the plan in order and returns what was committed, also when it ends with an error:
// dates before the failing one stay committed. In a range of several dates those without any input are
// skipped; a date that has some inputs but not all is an error that is [lake.ErrNotFound].
// Failed gates are a [*GateError] of class Data.
func Run(ctx context.Context, l *lake.Lake, engine Engine, p Plan) (Result, error) {
	return run(ctx, l, engine, Sets(), p)
}

func run(ctx context.Context, l *lake.Lake, engine Engine, all []Set, p Plan) (Result, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	if p.Run == "" {
		p.Run = lake.NewRunID(p.Now())
	}
	if p.To.IsZero() {
		p.To = p.From
	}
	result := Result{Run: p.Run}
	if p.From.IsZero() || p.To.Before(p.From) {
		return result, fault.New(fault.Usage, "give a date, or a range whose first date is not after its last",
			fmt.Errorf("no dates from %q to %q", p.From, p.To))
	}
	chosen, err := choose(all, p.Tables)
	if err != nil {
		return result, err
	}
	var missing error
	for d := p.From; !p.To.Before(d); d = d.AddDays(1) {
		done, err := runDate(ctx, l, engine, all, chosen, p, d)
		var nothing *noInputError
		if errors.As(err, &nothing) {
			missing = errors.Join(missing, nothing.err)
			result.Skipped = append(result.Skipped, d)
			continue
		}
		if len(done.Sets) > 0 {
			result.Dates = append(result.Dates, done)
		}
		if err != nil {
			return result, err
		}
	}
	if len(result.Dates) == 0 {
		return result, missing
	}
	return result, nil
}

// choose returns the sets of the given names, in the order of the list.
func choose(all []Set, names []string) ([]Set, error) {
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	for _, s := range all {
		known = append(known, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fault.New(fault.Usage, "the curated tables are: "+strings.Join(known, ", "), fmt.Errorf("no curated table is called %q", name))
		}
	}
	var chosen []Set
	for _, s := range all {
		if slices.Contains(names, s.Name) {
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}

func runDate(ctx context.Context, l *lake.Lake, engine Engine, all, chosen []Set, p Plan, d lake.Date) (_ DateResult, err error) {
	w := &work{lake: l, plan: p, date: d, all: all, chosen: chosen, started: p.Now(), outputs: map[string]*output{}}
	if err := w.resolve(ctx); err != nil {
		return DateResult{}, err
	}
	if p.DryRun {
		return w.preview(), nil
	}
	dir, remove, err := newScratch(p.WorkDir)
	if err != nil {
		return DateResult{}, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if err := w.stage(ctx, dir); err != nil {
		return DateResult{}, err
	}
	if err := w.compute(ctx, engine, dir); err != nil {
		return DateResult{}, err
	}
	return w.commit(ctx)
}
