package extract

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Source is an open source: what can be read and how. It serves one [Run]; tables may share
// what one of them has fetched.
type Source struct {
	Name   string  // as in raw/<name>/ and extract-<name>
	Tables []Table // parents first
	// AnyDate says that the source can tell of past dates. Others know only today's state, and
	// Run refuses every other date for them.
	AnyDate bool
	// Resume is a digest of all that the answers depend on besides the date. Where it is not empty, what finished requests gave
	// is kept in the lake until the commit, and the same run goes on with it after an interruption. The manifests name it as their origin.
	Resume string
	// Pace tells how the source's limiters stand. It may be nil.
	Pace func() Pace
	// Verify tells, when all tables of a run have been read, whether they may be committed. It may be nil.
	Verify func() error
	// Check tells cheaply whether the source can be reached and takes the credentials. It may be nil.
	Check func(context.Context) error
	// Close releases connections. It may be nil.
	Close func() error
}

// Env is what every source gets from the program besides the configuration. Zero values have defaults.
type Env struct {
	Log       *slog.Logger     // default: none
	Now       func() time.Time // the clock of fetched_at; default time.Now
	Compared  bool             // Now must agree with the clocks of the servers, as every program wants; a test may not
	Simulated bool             // Now is COURSE_INVENTORY_CLOCK's
	Version   string           // of this program, for User-Agent
}

// Logger returns the logger, never nil.
func (e Env) Logger() *slog.Logger {
	if e.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return e.Log
}

// Clock returns the clock, never nil.
func (e Env) Clock() func() time.Time {
	if e.Now == nil {
		return time.Now
	}
	return e.Now
}

// OwnClock returns the clock that a source compares with its servers', as package rest does by itself.
func (e Env) OwnClock() clock.Own {
	return clock.Own{Now: e.Clock(), Compared: e.Compared, Simulated: e.Simulated}
}

// close releases the source's connections.
func (s *Source) close() error {
	if s.Close == nil {
		return nil
	}
	return s.Close()
}

// selected returns the tables of the given names, all for none.
func (s *Source) selected(names []string) ([]Table, error) {
	if len(names) == 0 {
		return s.Tables, nil
	}
	known := make([]string, len(s.Tables))
	for i, t := range s.Tables {
		known[i] = t.Name
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fault.New(fault.Usage, "choose from: "+strings.Join(known, ", "), fmt.Errorf("%s has no table %q", s.Name, name))
		}
	}
	return slices.DeleteFunc(slices.Clone(s.Tables), func(t Table) bool { return !slices.Contains(names, t.Name) }), nil
}
