// Package statuscmd tells how fresh and whole the tables are, what the last runs did and what MySQL holds.
package statuscmd

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const defaultMaxAge = 36 * time.Hour

type command struct {
	json   bool
	maxAge time.Duration
}

// Program returns the program `course-inventory status`.
func Program() run.Program {
	var c command
	return run.Program{
		Name: "course-inventory status",
		Purpose: "status tells how fresh the tables are, how the last runs ended and what MySQL holds. For each table of the configured jobs it prints the " +
			"newest date, the age of the data, the rows and how many more they are than the day before, and what the quality gates found. It changes nothing and asks no source.\n" +
			"A monitor can call it: exit status 65 says that a table is missing or that its data is older than --max-age, in the lake or in MySQL, " +
			"69 that the lake cannot be looked at. A MySQL server that cannot be reached is reported, and does not change the exit status.",
		Examples: []string{
			"course-inventory status",
			"course-inventory status --max-age 30h --json",
			"course-inventory status --jobs MIVIDEO --max-age 0",
		},
		Looks: true,
		Flags: func(fs *flag.FlagSet) {
			fs.BoolVar(&c.json, "json", false, "print JSON")
			fs.DurationVar(&c.maxAge, "max-age", defaultMaxAge, "data older than this `DURATION` is stale; 0 for any age")
		},
		Run: c.run,
	}
}

func (c *command) run(ctx context.Context, e *run.Env) error {
	if c.maxAge < 0 {
		return fault.New(fault.Usage, "give a duration such as 36h, or 0", fmt.Errorf("--max-age is %s", c.maxAge))
	}
	if err := nightly.CheckTables(e); err != nil {
		return err
	}
	return e.WithLake(ctx, func(l *lake.Lake) error {
		s, err := look(ctx, e, l)
		if err != nil {
			return err
		}
		s.judge(c.maxAge)
		if c.json {
			out := json.NewEncoder(e.Out)
			out.SetIndent("", "  ")
			out.SetEscapeHTML(false)
			err = out.Encode(s)
		} else {
			err = s.print(e.Out, run.Width(), run.Coloured())
		}
		if err == nil && len(s.Stale) > 0 {
			err = fault.New(fault.Data, "look at the runs above; repeat the failed stage, or `course-inventory run`",
				fmt.Errorf("stale: %s", strings.Join(s.Stale, ", ")))
		}
		return err
	})
}
