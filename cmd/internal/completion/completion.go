// Package completion writes scripts by which shells complete the commands and flags of course-inventory.
//
// The scripts hold all that they know: completing a line starts no program.
package completion

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
)

const tool = "course-inventory"

// shells are the ways to write a script.
func shells() map[string]func(io.Writer, []command) {
	return map[string]func(io.Writer, []command){"bash": bash, "zsh": zsh, "fish": fish}
}

// Program returns the program `course-inventory completion`, which tells of the listed programs.
func Program(list func() []run.Program) run.Program {
	return run.Program{
		Name:    tool + " completion",
		Purpose: "completion prints a script by which a shell completes commands, flags and their values. SHELL is bash, zsh or fish.",
		Args:    []string{"SHELL"},
		Examples: []string{
			"source <(course-inventory completion bash)                                             in ~/.bashrc",
			"source <(course-inventory completion zsh)                                              in ~/.zshrc, after compinit",
			"course-inventory completion fish > ~/.config/fish/completions/course-inventory.fish",
		},
		Bare: true,
		Run: func(_ context.Context, e *run.Env) error {
			write, known := shells()[e.Arg[0]]
			if !known {
				return fault.New(fault.Usage, "name bash, zsh or fish", fmt.Errorf("no script for %q", e.Arg[0]))
			}
			write(e.Out, commands(list()))
			return nil
		},
	}
}

// command is what there is to complete after some words.
type command struct {
	words   string   // with blanks between them; "" for the tool itself
	next    []choice // commands that go on from here; for none, the words are a command
	choices []string // of its first argument
	flags   []option
}

type choice struct{ word, about string }

type option struct {
	name, about string
	values      []string
	many        bool // values may be listed with commas between them
	file        bool // its value is a file
	plain       bool // it has no value
}

// commands returns the tool, each group of commands and each command.
func commands(programs []run.Program) []command {
	var groups, leaves []command
	find := func(words string) *command {
		for i := range groups {
			if groups[i].words == words {
				return &groups[i]
			}
		}
		groups = append(groups, command{words: words})
		return &groups[len(groups)-1]
	}
	for _, p := range programs {
		words := strings.Fields(p.Name)[1:]
		about, _, _ := strings.Cut(strings.TrimPrefix(p.Purpose, strings.Join(words, " ")+" "), ". ")
		about, _, _ = strings.Cut(about, "\n")
		for i, word := range words {
			group := find(strings.Join(words[:i], " "))
			if slices.ContainsFunc(group.next, func(c choice) bool { return c.word == word }) {
				continue
			}
			text := strings.TrimSuffix(about, ".")
			if i < len(words)-1 {
				text = "commands about " + strings.Join(words[:i+1], " ")
			}
			group.next = append(group.next, choice{word, text})
		}
		leaf := command{words: strings.Join(words, " ")}
		if len(p.Args) > 0 {
			leaf.choices = arguments(p.Args[0])
		}
		p.FlagSet().VisitAll(func(f *flag.Flag) { leaf.flags = append(leaf.flags, optionOf(f)) })
		leaf.flags = append(leaf.flags, option{name: "help", about: "explain the command", plain: true})
		leaves = append(leaves, leaf)
	}
	return append(groups, leaves...)
}

// arguments returns what an argument can be.
func arguments(name string) []string {
	switch name {
	case "SHELL":
		return []string{"bash", "zsh", "fish"}
	case "TABLE":
		return job.AllTables(job.All())
	}
	return nil
}

func optionOf(f *flag.Flag) option {
	_, about := flag.UnquoteUsage(f)
	o := option{name: f.Name, about: about}
	boolean, ok := f.Value.(interface{ IsBoolFlag() bool })
	o.plain = ok && boolean.IsBoolFlag()
	switch f.Name {
	case "config", "out":
		o.file = true
	case "jobs":
		o.values, o.many = job.Names(), true
	case "tables", "accept-drop", "accept-type-change":
		o.values, o.many = job.AllTables(job.All()), true
	case "stages":
		o.values, o.many = []string{"extract", "transform", "load"}, true
	case "reprocess":
		o.values = []string{"none", "failed", "all"}
	case "log-format":
		o.values = []string{"text", "json"}
	case "log-level":
		o.values = []string{"debug", "info", "warn", "error"}
	case "progress":
		o.values = []string{"auto", "always", "never"}
	}
	return o
}

// values returns every option with values of its own, by name: the same name means the same everywhere.
func values(all []command) []option {
	var found []option
	for _, c := range all {
		for _, o := range c.flags {
			if !o.plain && !slices.ContainsFunc(found, func(known option) bool { return known.name == o.name }) {
				found = append(found, o)
			}
		}
	}
	slices.SortFunc(found, func(a, b option) int { return strings.Compare(a.name, b.name) })
	return found
}

// quote writes a text for a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
