// Package command lists the commands of course-inventory and finds the one that the arguments name.
package command

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/backfillcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/catalogcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/completion"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/doctorcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/lakecmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/loadcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/migratecmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/reportcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/statuscmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/transformcmd"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/near"
)

const tool = "course-inventory"

// topic is a heading of the help and the commands below it.
type topic struct {
	heading  string
	programs []run.Program
}

// topics returns all commands, in the order of the help.
func topics() []topic {
	return []topic{
		{"Every night", []run.Program{nightly.Program(), backfillcmd.Program()}},
		{"How things stand", append([]run.Program{statuscmd.Program()}, reportcmd.Programs()...)},
		{"The lake", slices.Concat(lakecmd.Programs(), catalogcmd.Programs())},
		{"The database", migratecmd.Programs()},
		{"This installation", []run.Program{doctorcmd.Program(), configCheck(), configShow(), completion.Program(Programs), version()}},
	}
}

// Programs returns all commands.
func Programs() []run.Program {
	var all []run.Program
	for _, t := range topics() {
		all = append(all, t.programs...)
	}
	return all
}

// Stages returns the programs of the single stages.
func Stages() []run.Program {
	var all []run.Program
	for _, x := range nightly.Extracts() {
		all = append(all, x.Program())
	}
	return append(all, transformcmd.Program(), loadcmd.Program())
}

// Main runs what the process's arguments say, its own name first, and exits. Called by the name of a stage's program,
// as through a link, it is that program: an image needs all that they share only once.
func Main() {
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	for _, p := range Stages() {
		if p.Name == name {
			os.Exit(p.Execute(args))
		}
	}
	os.Exit(execute(args))
}

// execute runs the command whose words the arguments begin with, and returns the exit code.
func execute(args []string) int {
	if len(args) > 0 && args[0] == "help" { // help run is run --help
		args = append(slices.Clone(args[1:]), "--help")
	}
	if len(args) > 0 && args[0] == "--version" {
		args = []string{"version"}
	}
	for _, p := range Programs() {
		if words := wordsOf(p); len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return p.Execute(args[len(words):])
		}
	}
	asked := leading(args)
	below := topicsBelow(asked)
	switch {
	case len(below) == 0:
		fmt.Fprintf(os.Stderr, "%s: unknown command %q%s\nRun `%s --help` for all commands.\n", tool, strings.Join(asked, " "), meant(asked), tool)
		return int(fault.Usage)
	case slices.ContainsFunc(args, isHelp):
		fmt.Print(usage(asked))
		if len(asked) == 0 {
			fmt.Print("\n", run.EnvironmentHelp, "\n", run.ExitHelp)
		}
		return int(fault.OK)
	default:
		fmt.Fprintf(os.Stderr, "%s: a command is missing\n\n%s", strings.Join(append([]string{tool}, asked...), " "), usage(asked))
		return int(fault.Usage)
	}
}

// meant tells which command or stage the words were probably meant to name, "" if none is near.
func meant(words []string) string {
	var names []string
	for _, p := range Programs() {
		names = append(names, strings.Join(wordsOf(p), " "))
	}
	for _, p := range Stages() {
		names = append(names, p.Name)
	}
	for n := min(2, len(words)); n > 0; n-- { // what follows may be arguments
		switch name := near.Of(strings.Join(words[:n], " "), names); {
		case name == "":
		case slices.ContainsFunc(Stages(), func(p run.Program) bool { return p.Name == name }):
			return fmt.Sprintf("; the stage %s is a program of its own, called without %s before it", name, tool)
		default:
			return fmt.Sprintf("; did you mean %s?", name)
		}
	}
	return ""
}

// wordsOf returns the words of a command after the tool's name.
func wordsOf(p run.Program) []string { return strings.Fields(p.Name)[1:] }

// leading returns the arguments before the first flag.
func leading(args []string) []string {
	for i, a := range args {
		if strings.HasPrefix(a, "-") {
			return args[:i]
		}
	}
	return args
}

func isHelp(arg string) bool { return arg == "--help" || arg == "-h" || arg == "-help" }
