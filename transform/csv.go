package transform

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// WriteCSV writes the newest snapshots of a date to dir as <table>.csv, with a header line, and returns the files'
// names. No tables means all sets. A file is replaced at once, and none is before all
// tables have been written.
func WriteCSV(ctx context.Context, l *lake.Lake, engine Engine, d lake.Date, tables []string, dir string) (_ []string, err error) {
	sets, err := choose(Sets(), tables)
	if err != nil {
		return nil, err
	}
	w := &work{lake: l, date: d, all: Sets(), snapshots: map[string]*staged{}}
	for _, set := range sets {
		s, err := l.Find(ctx, set.Table(), d)
		if err != nil {
			return nil, fmt.Errorf("CSV of %s: %w", set.Name, err)
		}
		w.snapshots["curated."+set.Name] = &staged{snapshot: &s}
	}
	// Inside dir, so that a rename stays within one file system.
	err = os.MkdirAll(dir, 0o777)
	var scratch string
	if err == nil {
		scratch, err = os.MkdirTemp(dir, ".csv-")
	}
	if err != nil {
		return nil, fault.New(fault.Config, "let this user write to "+dir+", or set CREATE_CSVS to false", fmt.Errorf("directory for CSV: %w", err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if err := w.stage(ctx, scratch); err != nil {
		return nil, err
	}
	if err := w.writeCSV(ctx, engine, sets, scratch); err != nil {
		return nil, err
	}
	var files []string
	for _, set := range sets {
		final := filepath.Join(dir, set.Name+".csv")
		if err := os.Rename(filepath.Join(scratch, set.Name+".csv"), final); err != nil {
			return files, fmt.Errorf("CSV of %s: %w", set.Name, err)
		}
		files = append(files, final)
	}
	return files, nil
}

func (w *work) writeCSV(ctx context.Context, engine Engine, sets []Set, dir string) (err error) {
	session, err := engine.Open(ctx, dir, w.files())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	for _, set := range sets {
		view := "curated." + set.Name
		if err := session.View(ctx, view, w.snapshots[view].files, set.Columns); err != nil {
			return err
		}
		out := Output{File: filepath.Join(dir, set.Name+".csv"), Format: CSV, Columns: set.Columns, SortBy: set.Key}
		if err := session.Write(ctx, "SELECT * FROM "+view, out); err != nil {
			return fmt.Errorf("CSV of %s: %w", set.Name, err)
		}
	}
	return nil
}
