package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// truth prints the tables. Without -table each row comes inside an object that names its table.
func truth(args []string, stdout, stderr io.Writer) error {
	var o campus.Options
	var want university.Want
	fs := newFlags("truth", "print what the curated tables must hold, sorted by key", &o, stderr)
	fs.Var(dateFlag{&want.Since}, "since", "first nightly run, `YYYY-MM-DD`: publication times found since then are kept (default: -date)")
	fs.Var(dateFlag{&want.Start}, "start", "beginning of the first interval of media and events, `YYYY-MM-DD` (default: before all of them)")
	fs.Var(idsFlag{&want.TermIDs}, "term", "term `ids` that are configured (default: the current term and the one without dates)")
	fs.Func("jobs", "only the tables of these jobs: `names` separated by commas, of "+strings.Join(university.Jobs(), ", "), func(names string) error {
		for name := range strings.SplitSeq(names, ",") {
			name = strings.ToUpper(strings.TrimSpace(name))
			if !slices.Contains(university.Jobs(), name) {
				return fmt.Errorf("want %s", strings.Join(university.Jobs(), ", "))
			}
			want.Jobs = append(want.Jobs, name)
		}
		return nil
	})
	fs.Var(idsFlag{&want.CourseIDs}, "add-course", "`ids` of further courses whose tools count, as in ADD_COURSE_IDS (default: one of another term)")
	fs.Var(idsFlag{&want.ToolIDs}, "tool", "`ids` of the tools in lti_type (default: Zoom and BlueJeans)")
	table := fs.String("table", "", "only this table, its rows bare: "+strings.Join(university.TableNames(), ", "))
	if err := parse(fs, args); err != nil {
		return err
	}
	if *table != "" && !slices.Contains(university.TableNames(), *table) {
		return fault.New(fault.Usage, "", fmt.Errorf("table %q: want one of %s", *table, strings.Join(university.TableNames(), ", ")))
	}
	if o.Date.IsZero() {
		o.Date = time.Now().UTC()
	}
	want.Date = o.Date
	if o.Epoch.IsZero() && !want.Since.IsZero() && want.Since.Before(o.Date) {
		o.Epoch = university.EpochOf(want.Since)
	}
	c, err := campus.New(o)
	if err != nil {
		return fault.New(fault.Usage, "", err)
	}
	tables, err := c.University().Truth(want)
	if err != nil {
		return fault.New(fault.Usage, "", err)
	}
	out := bufio.NewWriterSize(stdout, 1<<16)
	for _, t := range tables {
		switch *table {
		case t.Name:
			err = t.WriteJSON(out)
		case "":
			err = t.WriteJSON(&wrapper{out, t.Name})
		}
		if err != nil {
			return err
		}
	}
	return out.Flush()
}

// wrapper puts every line that is written to it into an object with the table's name.
type wrapper struct {
	to    io.Writer
	table string
}

func (w *wrapper) Write(line []byte) (int, error) {
	_, err := fmt.Fprintf(w.to, "{\"table\":%q,\"row\":%s}\n", w.table, line[:len(line)-1])
	return len(line), err
}

// config prints the blocks of a configuration for a campus that listens on a given address.
func config(args []string, stdout, stderr io.Writer) error {
	var o campus.Options
	fs := newFlags("config", "print the CANVAS and MIVIDEO blocks of an env.hjson", &o, stderr)
	url := fs.String("url", "http://127.0.0.1:8080", "where the campus listens")
	direct := fs.Bool("direct", false, "read everything from Canvas itself, not through the gateway")
	if err := parse(fs, args); err != nil {
		return err
	}
	c, err := campus.New(o)
	if err != nil {
		return fault.New(fault.Usage, "", err)
	}
	info := c.Info(*url)
	block, err := json.MarshalIndent(map[string]any{"CANVAS": info.ConfigCanvas(!*direct), "MIVIDEO": info.ConfigMiVideo()}, "", "  ")
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "%s\n", block)
	return err
}
