// Demo shows the whole job on one machine: a simulated university, private database servers, every stage,
// and a comparison of what users would read with what is true.
//
// `make demo` runs "demo up", `make demo-down` runs "demo down". Nothing outside the demo's directory is
// touched, and everything listens on loopback only.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

const usage = `usage: demo up   [--dir data/demo] [--days N] [--courses N] [--seed N] [--date YYYY-MM-DD]
       demo down [--dir data/demo]
`

const usual = "data/demo"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err == nil {
		return
	}
	if errors.Is(err, context.Canceled) {
		err = fault.New(fault.Interrupted, "What was done is kept: `make demo` goes on, `make demo-down` removes it.", errors.New("interrupted"))
	}
	fmt.Fprintln(os.Stderr, "demo:", err)
	if hint := fault.HintOf(err); hint != "" {
		fmt.Fprintln(os.Stderr, "  "+hint)
	}
	os.Exit(int(fault.ClassOf(err)))
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dir := flags.String("dir", usual, "")
	days := flags.Int("days", 0, "")
	courses := flags.Int("courses", 0, "")
	seed := flags.Int64("seed", 0, "")
	date := flags.String("date", "", "")
	if len(args) == 0 {
		args = []string{""}
	}
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 || *days < 0 || *courses < 0 {
		if err == nil {
			err = errors.New("wrong arguments")
		}
		return fault.New(fault.Usage, usage, err)
	}
	var from time.Time
	if *date != "" {
		var err error
		if from, err = time.Parse(time.DateOnly, *date); err != nil {
			return fault.New(fault.Usage, usage, fmt.Errorf("date: %w", err))
		}
	}
	home, err := filepath.Abs(*dir)
	if err != nil {
		return err
	}
	d := &demo{home: home, shown: *dir, out: out}
	switch args[0] {
	case "up":
		return d.alone(ctx, func() error { return d.up(ctx, choice{days: *days, courses: *courses, seed: *seed, date: from}) })
	case "down":
		return d.down(ctx)
	default:
		return fault.New(fault.Usage, usage, fmt.Errorf("unknown command %q", args[0]))
	}
}

// demo is one directory with everything that belongs to it.
type demo struct {
	home  string // absolute
	shown string // as the user gave it
	out   io.Writer
}

func (d *demo) path(names ...string) string {
	return filepath.Join(append([]string{d.home}, names...)...)
}

// show returns a path as the user can type it.
func (d *demo) show(names ...string) string {
	return filepath.Join(append([]string{d.shown}, names...)...)
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// alone runs do while no other demo works on the directory.
func (d *demo) alone(ctx context.Context, do func() error) error {
	// Passable for the accounts of the servers, but not to be listed.
	if err := os.MkdirAll(d.home, 0o711); err != nil {
		return fmt.Errorf("make the demo's directory: %w", err)
	}
	lock, err := child.Lock(ctx, d.home)
	if errors.Is(err, child.ErrBusy) {
		return fault.New(fault.Temporary, "Wait until it has ended.", fmt.Errorf("another demo works on %s", d.shown))
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	return do()
}
