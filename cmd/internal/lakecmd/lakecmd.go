// Package lakecmd makes the commands by which an operator looks after the lake: ls, verify, gc, rm and diff.
package lakecmd

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Programs returns the commands, in the order of the help.
func Programs() []run.Program {
	return []run.Program{listProgram(), verifyProgram(), diffProgram(), removeProgram(), cleanProgram()}
}

// What flags of several commands mean.
const (
	jsonFlag   = "print JSON"
	tablesFlag = "only these tables, comma-separated `NAMES` such as raw/canvas/course, or course for all of that name"
)

// printJSON prints a value for other programs.
func printJSON(w io.Writer, value any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(value)
}

// parseDate reads a date that an argument or a flag gives; an empty text is the zero Date.
func parseDate(name, text string) (lake.Date, error) {
	if text == "" {
		return lake.Date{}, nil
	}
	d, err := lake.ParseDate(text)
	if err != nil {
		return d, fault.New(fault.Usage, "write dates as 2026-03-01", fmt.Errorf("%s: %w", name, err))
	}
	return d, nil
}
