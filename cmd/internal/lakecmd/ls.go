package lakecmd

import (
	"context"
	"flag"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

func listProgram() run.Program {
	var tables string
	var asJSON bool
	return run.Program{
		Name: "course-inventory lake ls",
		Purpose: "lake ls lists the tables of the lake. It shows which dates each has and which are missing between them, rows and bytes of the newest, " +
			"the bytes of all, and the run that made the newest.",
		Examples: []string{"course-inventory lake ls", "course-inventory lake ls --tables course,enrollment", "course-inventory lake ls --json"},
		Plain:    true,
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(&tables, "tables", "", tablesFlag)
			fs.BoolVar(&asJSON, "json", false, jsonFlag)
		},
		Run: func(ctx context.Context, e *run.Env) error {
			return e.WithLake(ctx, func(l *lake.Lake) error {
				all, err := upkeep.List(ctx, l, run.Split(tables))
				switch {
				case err != nil:
					return err
				case asJSON:
					return printJSON(e.Out, all)
				case len(all) == 0:
					fmt.Fprintf(e.Out, "%s holds no tables yet\n", l.URL())
				default:
					upkeep.PrintUsage(e.Out, run.Width(), all)
				}
				return nil
			})
		},
	}
}
