package transform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// work is the transform of one date.
type work struct {
	lake    *lake.Lake
	plan    Plan
	date    lake.Date
	all     []Set // every set there is
	chosen  []Set // those to compute, each after the ones it reads
	started time.Time

	raw       map[lake.Table]lake.Snapshot // of the date, fitting each other
	torn      []lake.RunID                 // extracts that committed some of their tables only
	snapshots map[string]*staged           // committed inputs by their names
	former    map[string]*lake.Snapshot    // of the date before, by set; nil for none
	own       map[string]*lake.Snapshot    // that the date has already, likewise
	outputs   map[string]*output           // by set
}

// staged is a committed snapshot and its local files; the snapshot is nil for an absent previous one.
type staged struct {
	snapshot *lake.Snapshot
	files    []string
}

// noInputError reports a date for which no input exists.
type noInputError struct{ err error }

func (e *noInputError) Error() string { return e.err.Error() }
func (e *noInputError) Unwrap() error { return e.err }

// resolve finds the snapshots that the chosen sets read and compare with.
func (w *work) resolve(ctx context.Context) error {
	w.snapshots = map[string]*staged{}
	w.former, w.own = map[string]*lake.Snapshot{}, map[string]*lake.Snapshot{}
	if err := w.gather(ctx); err != nil {
		return err
	}
	var missing []error
	found := 0
	for _, set := range w.chosen {
		for _, in := range set.Inputs {
			schema, table := in.sourceOf()
			if _, known := w.snapshots[in.Name]; known || schema == "curated" && w.computes(table.Name()) {
				continue
			}
			s, err := w.find(ctx, schema, table)
			switch {
			case errors.Is(err, lake.ErrNotFound):
				missing = append(missing, err)
			case err != nil:
				return err
			case schema != "previous":
				found++
			}
			w.snapshots[in.Name] = &staged{snapshot: s}
		}
		s, err := w.find(ctx, "previous", set.Table())
		if err != nil {
			return err
		}
		w.former[set.Name] = s
		own, err := w.lake.Find(ctx, set.Table(), w.date)
		switch {
		case err == nil:
			w.own[set.Name] = &own
		case !errors.Is(err, lake.ErrNotFound) && fault.ClassOf(err) != fault.Data: // to make a damaged one again is the remedy
			return err
		}
	}
	err := errors.Join(missing...)
	switch {
	case err == nil:
		return w.neighbours(ctx)
	case found == 0:
		return &noInputError{fmt.Errorf("inputs of %s: %w", w.date, missing[0])}
	default:
		return fault.New(fault.Unavailable, fault.HintOf(missing[0]), fmt.Errorf("inputs of %s: %w", w.date, err))
	}
}

// gather finds the raw snapshots of the date, so that an extract that was killed between its commits, or is between them now,
// is passed over.
func (w *work) gather(ctx context.Context) (err error) {
	var tables []lake.Table
	for _, set := range w.chosen {
		for _, in := range set.Inputs {
			if schema, table := in.sourceOf(); schema == "raw" && !slices.Contains(tables, table) {
				tables = append(tables, table)
			}
		}
	}
	w.raw, w.torn, err = w.lake.Together(ctx, w.date, tables)
	return err
}

// neighbours finds the committed sets that stay as they are but refer to a chosen one, or are referred to by one.
func (w *work) neighbours(ctx context.Context) error {
	for _, set := range w.all {
		for _, r := range set.References {
			if w.computes(set.Name) == w.computes(r.Set) {
				continue
			}
			other := set.Name
			if w.computes(other) {
				other = r.Set
			}
			name := "curated." + other
			if w.snapshots[name] != nil {
				continue
			}
			s, err := w.lake.Find(ctx, lake.Curated(other), w.date)
			if errors.Is(err, lake.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			w.snapshots[name] = &staged{snapshot: &s}
		}
	}
	return nil
}

// find returns a snapshot of the date, or for the schema "previous" the newest one before it, nil if there is none.
func (w *work) find(ctx context.Context, schema string, table lake.Table) (*lake.Snapshot, error) {
	if s, gathered := w.raw[table]; gathered && schema != "previous" {
		return &s, nil
	}
	if schema != "previous" {
		s, err := w.lake.Find(ctx, table, w.date)
		return &s, err
	}
	s, err := w.lake.Before(ctx, table, w.date)
	if errors.Is(err, lake.ErrNotFound) {
		return nil, nil
	}
	return &s, err
}

// computes reports whether a set is one of the chosen.
func (w *work) computes(name string) bool {
	return slices.ContainsFunc(w.chosen, func(s Set) bool { return s.Name == name })
}

// set returns the set of a name, the zero Set if there is none.
func (w *work) set(name string) Set {
	i := slices.IndexFunc(w.all, func(s Set) bool { return s.Name == name })
	if i < 0 {
		return Set{}
	}
	return w.all[i]
}

// stage makes the files of all inputs available locally and checks their digests and columns.
func (w *work) stage(ctx context.Context, dir string) error {
	w.report("", "stage")
	copies := filepath.Join(dir, "inputs")
	if err := os.Mkdir(copies, 0o700); err != nil {
		return fmt.Errorf("scratch directory: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(w.snapshots)) {
		s := w.snapshots[name]
		if s.snapshot == nil {
			continue
		}
		for _, f := range s.snapshot.Files {
			local, err := w.lake.Local(ctx, f, copies)
			if err != nil {
				return fmt.Errorf("input %s: %w", name, err)
			}
			s.files = append(s.files, local)
		}
		if err := lake.CheckSchema(s.snapshot.Manifest, s.files, w.wanted(name)); err != nil {
			return fmt.Errorf("input %s: %w", name, err)
		}
	}
	return nil
}

// wanted returns the columns that any chosen set reads of an input, or all of a neighbour's.
func (w *work) wanted(name string) []lake.Column {
	var columns []lake.Column
	for _, set := range w.chosen {
		for _, in := range set.Inputs {
			if in.Name == name {
				columns = append(columns, in.Columns...)
			}
		}
	}
	if _, table := (Input{Name: name}).sourceOf(); len(columns) == 0 {
		columns = w.set(table.Name()).Columns
	}
	return columns
}

// files returns the local files of all committed inputs.
func (w *work) files() []string {
	var files []string
	for _, s := range w.snapshots {
		files = append(files, s.files...)
	}
	slices.Sort(files)
	return files
}

func (w *work) report(set, step string) {
	if w.plan.Progress != nil {
		w.plan.Progress(Progress{Date: w.date, Set: set, Step: step})
	}
}
