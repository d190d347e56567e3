package command

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
)

func configCheck() run.Program {
	return run.Program{
		Name:    tool + " config check",
		Purpose: "config check reads the configuration and lists every mistake, also what the selected jobs lack. It asks no server.",
		Looks:   true,
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
		Name:    tool + " config show",
		Purpose: "config show prints the configuration in force, defaults and overrides included, secrets as stars.",
		Looks:   true,
		Run: func(_ context.Context, e *run.Env) error {
			out := json.NewEncoder(e.Out)
			out.SetIndent("", "  ")
			out.SetEscapeHTML(false)
			return out.Encode(e.Config.Redacted())
		},
	}
}
