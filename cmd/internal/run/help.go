package run

import (
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/aligned"
)

// EnvironmentHelp and ExitHelp end every program's help.
const (
	EnvironmentHelp = `ENVIRONMENT
  ENV_DIR, ENV_FILE       where the configuration is (config/secrets, env.hjson)
  KEY, KEY_FILE           override the configuration's top-level KEY
  COURSE_INVENTORY_CLOCK  start the clock at this RFC 3339 time (demos and tests)
  NO_COLOR                if set, no colours
`
	ExitHelp = `EXIT STATUS
  0  done                             75  temporary, run the same command again
  1  a defect of this program         77  a credential is refused or lacks a right
  64 wrong usage                      78  the configuration is missing or wrong
  65 bad data, or a failed gate       129, 130, 143  interrupted; nothing half-done
  69 a source or server is unavailable, or has no such date
`
)

func (p Program) help(fs *flag.FlagSet, w io.Writer) {
	fmt.Fprintf(w, "%s\n\nUSAGE\n  %s [flags]\n\nFLAGS\n", aligned.Wrap(p.Purpose, helpWidth), strings.Join(append([]string{p.Name}, p.Args...), " "))
	fs.SetOutput(w)
	fs.VisitAll(func(f *flag.Flag) {
		arg, text := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "  %-26s %s\n", strings.TrimSpace("--"+f.Name+" "+arg), text)
	})
	if len(p.Examples) > 0 {
		fmt.Fprintf(w, "\nEXAMPLES\n  %s\n", strings.Join(p.Examples, "\n  "))
	}
	fmt.Fprintf(w, "\n%s\n%s", EnvironmentHelp, ExitHelp)
}

// helpWidth is the length of the lines of a purpose, in characters.
const helpWidth = 100
