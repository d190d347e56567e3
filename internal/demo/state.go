package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// choice is what the user asked for; zero values leave the choice to the demo.
type choice struct {
	days    int // 0: three at first, then the newest one again
	courses int
	seed    int64
	date    time.Time
}

// state is what the next call must know. It is written before anything else, so its presence also says
// that the directory is a demo's own.
type state struct {
	Seed    int64     `json:"seed"`
	Courses int       `json:"courses"`
	Since   time.Time `json:"since"` // the first night
	Date    time.Time `json:"date"`  // the newest night that was begun
	Done    time.Time `json:"done"`  // the newest night after which all was as it should be; zero: none
	Jobs    []string  `json:"jobs"`

	Refilling bool `json:"refilling"` // MySQL is being filled from the lake
}

// fresh returns the state of a new demo.
func fresh() state {
	return state{Seed: 1, Courses: 100, Since: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Jobs: university.Jobs()}
}

func (d *demo) stateFile() string { return d.path("demo.json") }

// load returns the state to go on with: that of an earlier call, or a new one.
func (d *demo) load(c choice) (state, error) {
	s := fresh()
	text, err := os.ReadFile(d.stateFile())
	old := err == nil
	switch {
	case old:
		s.Jobs = nil
		if err := json.Unmarshal(text, &s); err != nil {
			return s, fault.New(fault.Data, "Start anew: make demo-down, then make demo.", fmt.Errorf("read %s: %w", d.show("demo.json"), err))
		}
	case !errors.Is(err, os.ErrNotExist):
		return s, err
	}
	different := (c.seed != 0 && c.seed != s.Seed) || (c.courses != 0 && c.courses != s.Courses) || (!c.date.IsZero() && c.date.Before(s.Date))
	if old && different {
		return s, fault.New(fault.Usage, "Start anew with `make demo-down`, or go on without these settings.",
			fmt.Errorf("the demo in %s has %d courses of seed %d and is at %s", d.shown, s.Courses, s.Seed, s.Date.Format(time.DateOnly)))
	}
	if !slices.Equal(s.Jobs, university.Jobs()) {
		return s, fault.New(fault.Usage, "Start anew with `make demo-down`.", fmt.Errorf("the demo in %s was begun with other jobs: %s", d.shown, strings.Join(s.Jobs, ", ")))
	}
	if c.seed != 0 {
		s.Seed = c.seed
	}
	if c.courses != 0 {
		s.Courses = c.courses
	}
	switch {
	case !old && !c.date.IsZero():
		s.Since, s.Date = c.date, c.date
	case !old:
		s.Date = s.Since
	case c.date.After(s.Date.AddDate(0, 0, 1)):
		return s, fault.New(fault.Usage, "Use DAYS= to run the nights between, or start anew with `make demo-down`.",
			fmt.Errorf("the night of %s does not follow that of %s", c.date.Format(time.DateOnly), s.Date.Format(time.DateOnly)))
	case !c.date.IsZero():
		s.Date = c.date
	}
	return s, d.save(s)
}

func (d *demo) save(s state) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return d.write(d.stateFile(), append(text, '\n'))
}

// write replaces a private file in one step.
func (d *demo) write(name string, text []byte) error {
	next := name + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, name)
}
