// Package catalogcmd makes the command that rebuilds or prints the lake's catalog for DuckDB.
package catalogcmd

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
)

// command has the settings of the command.
type command struct {
	afresh bool
	print  bool
	url    string
}

// Programs returns the command.
func Programs() []run.Program {
	var c command
	return []run.Program{{
		Name: "course-inventory lake catalog",
		Purpose: "lake catalog rebuilds what DuckDB reads of the lake. It writes _catalog/catalog.sql and _catalog/files.parquet, as every stage does after " +
			"its commits, or prints the statements.",
		Examples: []string{
			"course-inventory lake catalog",
			"course-inventory lake catalog --print > lake.sql && duckdb -init lake.sql",
			"course-inventory lake catalog --print --url s3://bucket/folder",
		},
		Plain: true,
		Flags: func(fs *flag.FlagSet) {
			fs.BoolVar(&c.afresh, "afresh", false, "read every manifest again, also those that the catalog knows")
			fs.BoolVar(&c.print, "print", false, "write nothing to the lake and print the statements of catalog.sql")
			fs.StringVar(&c.url, "url", "", "with --print: `URL` by which DuckDB sees the lake (default: LAKE.url)")
		},
		Run: func(ctx context.Context, e *run.Env) error {
			if c.url != "" && !c.print {
				return fault.New(fault.Usage, "add --print, or set LAKE.url", fmt.Errorf("--url goes with --print"))
			}
			return e.WithLake(ctx, func(l *lake.Lake) error {
				if c.print {
					return c.show(ctx, e.Out, l)
				}
				return c.rebuild(ctx, e.Out, l)
			})
		},
	}}
}

func (c command) rebuild(ctx context.Context, w io.Writer, l *lake.Lake) error {
	made, err := catalog.Rebuild(ctx, l, c.afresh)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s shows %s of %s\n", l.ObjectURL("_catalog/catalog.sql"), quantity.Of(len(made.Snapshots), "snapshot"), quantity.Of(made.Tables(), "table"))
	return made.Err()
}

func (c command) show(ctx context.Context, w io.Writer, l *lake.Lake) error {
	place, err := catalog.PlaceOf(l)
	if c.url != "" {
		place, err = catalog.Place(c.url)
	}
	if err != nil {
		return err
	}
	made, err := catalog.Load(ctx, l)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, made.SQL(place)); err != nil {
		return err
	}
	return made.Err()
}
