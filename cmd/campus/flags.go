package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// dateFlag is a day, YYYY-MM-DD.
type dateFlag struct{ t *time.Time }

func (d dateFlag) String() string {
	if d.t == nil || d.t.IsZero() {
		return ""
	}
	return d.t.Format(time.DateOnly)
}

func (d dateFlag) Set(s string) error {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return errors.New("want YYYY-MM-DD")
	}
	*d.t = t
	return nil
}

// idsFlag is a list of ids: separated by commas, and the flag may be repeated.
type idsFlag struct{ ids *[]int64 }

func (f idsFlag) String() string {
	if f.ids == nil {
		return ""
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(*f.ids), " ", ","), "[]")
}

func (f idsFlag) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil {
			return errors.New("want ids separated by commas")
		}
		*f.ids = append(*f.ids, id)
	}
	return nil
}

// newFlags returns a set that knows which university is meant.
func newFlags(name, does string, o *campus.Options, stderr io.Writer) *flag.FlagSet {
	fs := flag.NewFlagSet("campus "+name, flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprintf(stderr, "campus %s [flags]: %s\n\n", name, does)
		fs.PrintDefaults()
	}
	fs.Uint64Var(&o.Seed, "seed", 1, "which university; equal seeds make equal universities")
	fs.IntVar(&o.Courses, "courses", 50, "number of courses, about 30 enrollments each")
	fs.Var(dateFlag{&o.Date}, "date", "the day, `YYYY-MM-DD` (default today, UTC)")
	fs.Var(dateFlag{&o.Epoch}, "epoch", "first day of the university, `YYYY-MM-DD` (default: start of January, May or September before -date);\ngive it when days on both sides of such a start are compared")
	fs.BoolVar(&o.Orphans, "orphans", false, "one enrollment in a hundred has lost its section (null); the truth leaves those out")
	return fs
}

// parse reads the flags; mistakes are reported by the set itself.
func parse(fs *flag.FlagSet, args []string) error {
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return fault.New(fault.Usage, "", err)
	}
	if fs.NArg() > 0 {
		return fault.New(fault.Usage, "", fmt.Errorf("unexpected argument %q", fs.Arg(0)))
	}
	return nil
}
