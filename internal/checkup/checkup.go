// Package checkup is how sources and databases let themselves be examined before a run needs them.
package checkup

import (
	"context"
	"errors"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Question finds out one thing that a run relies on. It asks cheaply and changes nothing.
type Question struct {
	Name   string
	Tables []string // raw tables that rely on it; empty for all
	Basic  bool     // the questions after it make no sense without it
	// Ask returns what is worth knowing of the answer, a few words. An error says what is wrong, with class and remedy; a
	// [Doubt] is about what a run can do without, and [ErrSkip] says that there is nothing to ask.
	Ask func(context.Context) (detail string, err error)
}

// Patient is what can be asked.
type Patient struct {
	Questions []Question
	Close     func() error
}

// ErrSkip is the answer to a question that makes no sense after another one has failed.
var ErrSkip = errors.New("not asked")

// Doubt returns an error about something that keeps no run from succeeding.
func Doubt(hint, format string, args ...any) error {
	return fault.New(fault.OK, hint, fmt.Errorf(format, args...))
}

// Doubtful tells whether the error is a doubt.
func Doubtful(err error) bool { return err != nil && fault.ClassOf(err) == fault.OK }
