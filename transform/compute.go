package transform

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// output is a set that was computed and is not committed yet.
type output struct {
	digest   string // of the model
	file     string
	rows     int64
	rejected string // file of the rejected rows; empty where the set cannot reject
	refused  int64  // number of rejected rows
	checks   []lake.Check
	elapsed  time.Duration
}

// compute evaluates the models and then the gates of all chosen sets.
func (w *work) compute(ctx context.Context, engine Engine, dir string) (err error) {
	session, err := engine.Open(ctx, dir, w.files())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	for _, set := range w.chosen {
		if err := w.computeSet(ctx, session, set, dir); err != nil {
			return fmt.Errorf("%s for %s: %w", set.Table(), w.date, err)
		}
	}
	if err := w.checkReferences(ctx, session); err != nil {
		return err
	}
	return w.verdict()
}

func (w *work) computeSet(ctx context.Context, session Session, set Set, dir string) error {
	w.report(set.Name, "model")
	begin := w.plan.Now()
	model, err := set.model()
	if err != nil {
		return err
	}
	for _, in := range set.Inputs {
		if s, committed := w.snapshots[in.Name]; committed { // else computed before, and its view is there
			if err := session.View(ctx, in.Name, s.files, in.Columns); err != nil {
				return err
			}
		}
	}
	out := &output{digest: digest(model), file: filepath.Join(dir, set.Name+".parquet")}
	out.rows, err = w.write(ctx, session, set, set.rows(model), out.file, set.Columns)
	if err != nil {
		return err
	}
	if set.Rejects {
		out.rejected = filepath.Join(dir, set.Name+"__rejected.parquet")
		out.refused, err = w.write(ctx, session, set, set.rejectedRows(model), out.rejected, set.rejectedColumns())
		if err != nil {
			return err
		}
	}
	w.outputs[set.Name] = out
	if err := session.View(ctx, "curated."+set.Name, []string{out.file}, set.Columns); err != nil {
		return err
	}
	w.report(set.Name, "check")
	out.checks, err = w.checkSet(ctx, session, set, out)
	out.elapsed = w.plan.Now().Sub(begin)
	return err
}

// write evaluates a query into a Parquet file, verifies the file's columns, and returns the number of its rows.
func (w *work) write(ctx context.Context, session Session, set Set, query, file string, columns []lake.Column) (int64, error) {
	sortBy := set.Key
	if columns[len(columns)-1].Name == rejectedBecause { // the key of a rejected row may be NULL
		sortBy = append(slices.Clone(set.Key), rejectedBecause)
	}
	out := Output{File: file, Columns: columns, SortBy: sortBy, Metadata: map[string]string{"run_id": string(w.plan.Run), "dt": w.date.String()}}
	if err := session.Write(ctx, query, out); err != nil {
		return 0, err
	}
	made := lake.Manifest{Table: set.Table(), Date: w.date, Columns: columns}
	if err := lake.CheckSchema(made, []string{file}, columns); err != nil {
		return 0, fault.New(fault.Defect, "", fmt.Errorf("engine's output: %w", err))
	}
	return countRows(file)
}
