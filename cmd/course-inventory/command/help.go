package command

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
)

const (
	head = `course-inventory runs the nightly copy of what a university's teaching tools know into the lake and MySQL.

USAGE
  course-inventory COMMAND [flags]
`
	foot = `
Each command explains itself with --help. The single stages are programs of their own:
extract-canvas, extract-udw, extract-udp, extract-kaltura, extract-zoom, transform, load.
`
)

// usage lists the commands that begin with the words, all for none, each with the first sentence of its purpose.
func usage(words []string) string {
	var b strings.Builder
	if len(words) == 0 {
		b.WriteString(head)
	} else {
		fmt.Fprintf(&b, "USAGE\n  %s %s COMMAND [flags]\n", tool, strings.Join(words, " "))
	}
	below := topicsBelow(words)
	width := 0
	for _, t := range below {
		for _, p := range t.programs {
			width = max(width, len(called(p)))
		}
	}
	for _, t := range below {
		fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(t.heading))
		for _, p := range t.programs {
			fmt.Fprintf(&b, "  %-*s  %s\n", width, called(p), gist(p))
		}
	}
	if len(words) == 0 {
		b.WriteString(foot)
	}
	return b.String()
}

// topicsBelow returns the topics with the commands that begin with the words; those without any are left out.
func topicsBelow(words []string) []topic {
	var found []topic
	for _, t := range topics() {
		t.programs = slices.DeleteFunc(slices.Clone(t.programs), func(p run.Program) bool {
			w := wordsOf(p)
			return len(w) < len(words) || !slices.Equal(w[:len(words)], words)
		})
		if len(t.programs) > 0 {
			found = append(found, t)
		}
	}
	return found
}

// called is how a command is called, with its arguments.
func called(p run.Program) string {
	return strings.Join(append(wordsOf(p), p.Args...), " ")
}

// gist is the first sentence of a purpose, without the command's name.
func gist(p run.Program) string {
	sentence, _, _ := strings.Cut(strings.TrimPrefix(p.Purpose, strings.Join(wordsOf(p), " ")+" "), ". ")
	sentence, _, _ = strings.Cut(sentence, "\n")
	return strings.TrimSuffix(sentence, ".")
}

func version() run.Program {
	return run.Program{
		Name:    tool + " version",
		Purpose: "version prints the version of this build, and the commit and the compiler that made it.",
		Bare:    true,
		Run: func(_ context.Context, e *run.Env) error {
			fmt.Fprintln(e.Out, tool, e.Version)
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return nil
			}
			vcs := map[string]string{}
			for _, s := range info.Settings {
				vcs[s.Key] = s.Value
			}
			if commit := vcs["vcs.revision"]; commit != "" {
				changed := ""
				if vcs["vcs.modified"] == "true" {
					changed = ", with changes since"
				}
				fmt.Fprintf(e.Out, "commit %s of %s%s\n", commit, vcs["vcs.time"], changed)
			}
			fmt.Fprintf(e.Out, "built with %s for %s/%s\n", info.GoVersion, runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
