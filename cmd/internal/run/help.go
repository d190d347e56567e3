package run

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
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
  65 bad data, or a failed gate       130, 143  interrupted; nothing half-done
  69 a source or server is unavailable, or has no such date
`
)

func (p Program) help(fs *flag.FlagSet, w io.Writer) {
	fmt.Fprintf(w, "%s\n\nUSAGE\n  %s [flags]\n\nFLAGS\n", Wrap(p.Purpose, helpWidth), strings.Join(append([]string{p.Name}, p.Args...), " "))
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

// Wrap breaks paragraphs into lines of at most so many characters, 0 for any number, and keeps what they are indented by.
func Wrap(text string, width int) string {
	if width <= 0 {
		return text
	}
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		indent := paragraph[:len(paragraph)-len(strings.TrimLeft(paragraph, " "))]
		line := indent
		for word := range strings.SplitSeq(strings.TrimSpace(paragraph), " ") {
			if line != indent && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
				lines = append(lines, line)
				line = indent
			}
			if line != indent {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
