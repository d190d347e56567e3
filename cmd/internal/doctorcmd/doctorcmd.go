// Package doctorcmd examines everything that a night relies on, before it does.
package doctorcmd

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

type command struct{ json bool }

// Program returns the program `course-inventory doctor`.
func Program() run.Program {
	var c command
	return run.Program{
		Name: "course-inventory doctor",
		Purpose: "doctor examines configuration, lake, sources and database, and says what to do about each trouble. It asks every server that the configured jobs need " +
			"whether it is there, takes the credentials and grants the rights; it goes on after a failure and changes nothing, but for " +
			"small objects that it creates in the lake, and a table in the database, and removes again.\n" +
			"The exit status is that of the worst failure; warnings are about what a night can do without.",
		Examples: []string{"course-inventory doctor", "course-inventory doctor --jobs MIVIDEO", "course-inventory doctor --json"},
		Looks:    true,
		Examines: true,
		Flags:    func(fs *flag.FlagSet) { fs.BoolVar(&c.json, "json", false, "print JSON") },
		Run:      c.run,
	}
}

// questionTime bounds one question.
const questionTime = 45 * time.Second

func (c *command) run(ctx context.Context, e *run.Env) error {
	if err := nightly.CheckTables(e); err != nil {
		return err
	}
	quiet := *e
	quiet.Log = slog.New(slog.DiscardHandler) // the findings say it all
	cfg := *e.Config
	cfg.MaxReqAttempts = 2 // whoever waits here wants to know now
	quiet.Config = &cfg
	groups := groups(&quiet)
	var work sync.WaitGroup
	for _, g := range groups {
		work.Go(func() {
			defer close(g.end)
			g.examine(ctx)
		})
	}
	p := printer{w: e.Out, coloured: run.Coloured()}
	var all []Finding
	for _, g := range groups {
		<-g.end
		all = append(all, g.findings...)
		if !c.json {
			p.group(g)
		}
	}
	work.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if c.json {
		if err := printJSON(e.Out, all); err != nil {
			return err
		}
	} else {
		p.sum(all)
	}
	return verdict(all)
}

func printJSON(w io.Writer, all []Finding) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(struct {
		Findings []Finding `json:"findings"`
	}{all})
}

// verdict returns the worst failure.
func verdict(all []Finding) error {
	var errs []error
	for _, f := range all {
		if f.err != nil && f.Result == failed {
			errs = append(errs, fmt.Errorf("%s, %s: %w", f.Group, f.Name, f.err))
		}
	}
	worst := run.Worst(errs...)
	if len(errs) > 1 {
		return fault.New(fault.ClassOf(worst), "see the remedies above", fmt.Errorf("%d failures, the worst: %w", len(errs), worst))
	}
	return worst
}
