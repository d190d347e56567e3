// Command course-inventory is the operator's tool: it runs all stages and checks the configuration.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

const purpose = `course-inventory runs the nightly copy of what a university's teaching tools know into the lake and MySQL.

USAGE
  course-inventory COMMAND [flags]

COMMANDS
%s
Each command explains itself with --help. The single stages are programs of their own:
extract-canvas, extract-udw, extract-udp, extract-kaltura, extract-zoom, transform, load.
`

// programs returns all commands, in the order of the help.
func programs() []run.Program {
	return slices.Concat(
		[]run.Program{nightly.Program()},
		[]run.Program{configCheck(), configShow()},
	)
}

func main() { os.Exit(command(os.Args[1:])) }

// command runs the program whose words the arguments begin with.
func command(args []string) int {
	for _, p := range programs() {
		words := strings.Fields(p.Name)[1:]
		if len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return p.Execute(args[len(words):])
		}
	}
	switch strings.Join(args[:min(1, len(args))], "") {
	case "version", "--version":
		fmt.Println("course-inventory", run.Version())
		return int(fault.OK)
	case "--help", "-h", "help":
		fmt.Print(usage(), "\n", run.EnvironmentHelp, "\n", run.ExitHelp)
		return int(fault.OK)
	default:
		fmt.Fprintf(os.Stderr, "course-inventory: unknown command %q\n\n%s", strings.Join(args[:min(2, len(args))], " "), usage())
		return int(fault.Usage)
	}
}

// usage lists each command with the first sentence of its purpose.
func usage() string {
	var commands strings.Builder
	line := func(words, text string) { fmt.Fprintf(&commands, "  %-16s %s\n", words, text) }
	for _, p := range programs() {
		words := strings.TrimPrefix(p.Name, "course-inventory ")
		sentence, _, _ := strings.Cut(strings.TrimPrefix(p.Purpose, words+" "), ". ")
		line(words, strings.TrimSuffix(sentence, "."))
	}
	line("version", "prints the version")
	return fmt.Sprintf(purpose, commands.String())
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
