// Command course-inventory is the operator's tool: it runs all stages and checks the configuration.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

const usage = `course-inventory runs the nightly copy of what a university's teaching tools know into the lake and MySQL.

USAGE
  course-inventory COMMAND [flags]

COMMANDS
  run             extract, transform and load the configured jobs
  config check    check the configuration and list every mistake
  config show     print the configuration in force, secrets as stars
  version         print the version

Each command explains itself with --help. The single stages are programs of their own:
extract-canvas, extract-udw, extract-udp, extract-kaltura, extract-zoom, transform, load.

`

func main() { os.Exit(command(os.Args[1:])) }

func command(args []string) int {
	first := func(n int) string { return strings.Join(args[:min(n, len(args))], " ") }
	switch {
	case first(1) == "run":
		return nightly.Program().Execute(args[1:])
	case first(2) == "config check":
		return configCheck().Execute(args[2:])
	case first(2) == "config show":
		return configShow().Execute(args[2:])
	case first(1) == "version", first(1) == "--version":
		fmt.Println("course-inventory", run.Version())
		return int(fault.OK)
	case first(1) == "--help", first(1) == "-h", first(1) == "help":
		fmt.Print(usage, run.EnvironmentHelp, "\n", run.ExitHelp)
		return int(fault.OK)
	default:
		fmt.Fprintf(os.Stderr, "course-inventory: unknown command %q\n\n%s", first(2), usage)
		return int(fault.Usage)
	}
}

func configCheck() run.Program {
	return run.Program{
		Name:    "course-inventory config check",
		Purpose: "config check reads the configuration and lists every mistake, also what the selected jobs lack. It asks no server.",
		Run: func(_ context.Context, e *run.Env) error {
			if err := e.Config.Require(nightly.Parts(e.Jobs)...); err != nil {
				return err
			}
			fmt.Fprintf(e.Out, "%s is complete for %s\n", e.Config.Path, strings.Join(e.Config.JobNames, ", "))
			return nil
		},
	}
}

func configShow() run.Program {
	return run.Program{
		Name:    "course-inventory config show",
		Purpose: "config show prints the configuration in force, defaults and overrides included, secrets as stars.",
		Run: func(_ context.Context, e *run.Env) error {
			out := json.NewEncoder(e.Out)
			out.SetIndent("", "  ")
			out.SetEscapeHTML(false)
			return out.Encode(e.Config.Redacted())
		},
	}
}
