package command

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
)

func configCheck() run.Program {
	return run.Program{
		Name: tool + " config check",
		Purpose: "config check reads the configuration and lists every mistake at once. Those are wrong values, unknown keys, what the selected jobs lack, " +
			"and environment variables that look like a key and are not read. It asks no server; course-inventory doctor does.",
		Examples: []string{"course-inventory config check", "course-inventory config check --config other.hjson --jobs MIVIDEO"},
		Looks:    true,
		Examines: true,
		Needs:    nightly.Parts,
		Run: func(_ context.Context, e *run.Env) error {
			var names []string
			for _, j := range e.Jobs {
				names = append(names, j.Name)
			}
			fmt.Fprintf(e.Out, "%s is complete for %s\n", e.Config.Path, strings.Join(names, ", "))
			if len(e.Config.Warnings) > 0 {
				fmt.Fprintf(e.Out, "What is odd about it:\n  %s\n", strings.Join(e.Config.Warnings, "\n  "))
			}
			return nil
		},
	}
}

func configShow() run.Program {
	var asJSON bool
	return run.Program{
		Name: tool + " config show",
		Purpose: "config show prints the configuration in force, secrets as stars. For each value it tells where it comes from: the file, a file of its own, " +
			"an environment variable or the default.",
		Examples: []string{"course-inventory config show", "LOG_LEVEL=DEBUG course-inventory config show --json"},
		Looks:    true,
		Flags:    func(fs *flag.FlagSet) { fs.BoolVar(&asJSON, "json", false, "print JSON") },
		Run: func(_ context.Context, e *run.Env) error {
			if asJSON {
				out := json.NewEncoder(e.Out)
				out.SetIndent("", "  ")
				out.SetEscapeHTML(false)
				return out.Encode(e.Config.Values())
			}
			rows := [][]string{{"key", "value", "from"}}
			for _, v := range e.Config.Values() {
				rows = append(rows, []string{v.Key, text(v.Value), v.From})
			}
			run.PrintTable(e.Out, rows)
			return nil
		},
	}
}

// text writes a value of the configuration on one line.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}
