// Command campus serves a simulated university: Canvas' REST and GraphQL interfaces, the
// API gateway in front of them, Zoom, Kaltura, the event store's BigQuery, and the warehouse
// in a PostgreSQL. See package
// internal/campus for what it can do.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

const usage = `campus: a simulated university that speaks the protocols of course-inventory's sources

  campus serve  [flags]   serve every source of course-inventory until interrupted
  campus truth  [flags]   print what the curated tables must hold, as JSON lines
  campus config [flags]   print the CANVAS and MIVIDEO blocks of an env.hjson

campus COMMAND -h lists the flags.

EXIT STATUS  0 done, 64 wrong use, 69 the address or the PostgreSQL cannot be used, 1 a defect
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "campus:", err)
	if hint := fault.HintOf(err); hint != "" {
		fmt.Fprintln(os.Stderr, hint)
	}
	os.Exit(int(fault.ClassOf(err)))
}

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return fault.New(fault.Usage, "", errors.New("no command"))
	}
	switch args[0] {
	case "serve":
		return serve(ctx, args[1:], stdout, stderr)
	case "truth":
		return truth(args[1:], stdout, stderr)
	case "config":
		return config(args[1:], stdout, stderr)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return nil
	}
	fmt.Fprint(stderr, usage)
	return fault.New(fault.Usage, "", fmt.Errorf("unknown command %q", args[0]))
}
