// Package reportcmd makes a program of the report.
package reportcmd

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/database"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Programs returns the commands about reports.
func Programs() []run.Program {
	var out string
	return []run.Program{{
		Name:     "course-inventory report",
		Purpose:  "report writes a page in HTML that tells how the lake stands. It needs no network and no script. Without --out it takes the place of the lake's _reports/latest.html, which each load renews by itself.",
		Examples: []string{"course-inventory report", "course-inventory report --out report.html", "course-inventory report --out - > report.html"},
		Plain:    true,
		AskMySQL: database.ForReport,
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(&out, "out", "", "write the page to `FILE`, - for standard output (default: into the lake)")
		},
		Run: func(ctx context.Context, e *run.Env) error {
			return e.WithLake(ctx, func(l *lake.Lake) error { return write(ctx, e, l, out) })
		},
	}}
}

func write(ctx context.Context, e *run.Env, l *lake.Lake, out string) error {
	page, err := e.MakeReport(ctx, l)
	if err != nil {
		return err
	}
	switch out {
	case "":
		if err := l.PutReport(ctx, run.LatestReport, page); err != nil {
			return err
		}
		return tell(e.Out, l.ObjectURL("_reports/"+run.LatestReport))
	case "-":
		_, err = e.Out.Write(page)
	default:
		if err = os.WriteFile(out, page, 0o644); err == nil {
			out, err = filepath.Abs(out)
		}
		if err == nil {
			return tell(e.Out, (&url.URL{Scheme: "file", Path: filepath.ToSlash(out)}).String())
		}
	}
	return fault.New(fault.Usage, "give --out a file that this user may write", err)
}

// tell names the page so that it can be opened.
func tell(w io.Writer, page string) error {
	_, err := fmt.Fprintf(w, "%s tells how the lake stands\n", page)
	return err
}
