package transform

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const (
	commitTime  = 2 * time.Minute  // for all manifests of a date, a few small objects
	discardTime = 10 * time.Second // for the removal of files that will not be committed
)

// commit makes the computed sets visible: first all files go into the lake, then the manifests
// follow in the order of the sets, so that each can name the one it was made from.
func (w *work) commit(ctx context.Context) (DateResult, error) {
	w.report("", "commit")
	manifests := map[lake.Table]lake.Manifest{}
	committing := false
	defer func() {
		if !committing {
			w.discard(ctx, manifests)
		}
	}()
	for _, set := range w.chosen {
		out := w.outputs[set.Name]
		m, err := w.upload(ctx, set, set.Table(), out.file, set.Columns)
		if err != nil {
			return DateResult{}, err
		}
		m.Checks = out.checks
		manifests[set.Table()] = m
		if set.Rejects {
			m, err := w.upload(ctx, set, set.Table().Rejected(), out.rejected, set.rejectedColumns())
			if err != nil {
				return DateResult{}, err
			}
			manifests[m.Table] = m
		}
	}
	for table, m := range manifests {
		if err := w.lake.DescribeDrift(ctx, &m, slices.Contains(w.plan.AcceptTypeChange, table.Accepted().Name())); err != nil {
			return DateResult{}, err
		}
		manifests[table] = m
	}
	if err := ctx.Err(); err != nil {
		return DateResult{}, err
	}
	committing = true
	// From the first manifest on an interruption waits, lest it leave tables that do not fit each other.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	done := DateResult{Date: w.date}
	committed := map[string]lake.Snapshot{} // by set
	for _, set := range w.chosen {
		result := SetResult{Set: set.Name, Elapsed: w.outputs[set.Name].elapsed}
		for _, table := range []lake.Table{set.Table().Rejected(), set.Table()} {
			m, exists := manifests[table]
			if !exists {
				continue
			}
			m.Inputs, m.SourceAsOf = w.origin(set, committed)
			m.FinishedAt = w.plan.Now().UTC()
			s, err := w.lake.Commit(ctx, m)
			if err != nil {
				return done, fmt.Errorf("commit of %s for %s: %w", table, w.date, err)
			}
			result.Inputs = m.Inputs
			if table.IsRejected() {
				result.Rejected = s
			} else {
				result.Snapshot = s
				committed[set.Name] = s
			}
		}
		done.Sets = append(done.Sets, result)
	}
	return done, nil
}

// discard removes files that were uploaded before something kept the date from being committed.
func (w *work) discard(ctx context.Context, manifests map[lake.Table]lake.Manifest) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardTime)
	defer cancel()
	for _, m := range manifests {
		w.lake.Discard(ctx, m.Files...)
	}
}

// upload copies a computed file into the lake and returns the manifest that names it.
func (w *work) upload(ctx context.Context, set Set, table lake.Table, file string, columns []lake.Column) (lake.Manifest, error) {
	f, err := w.lake.Upload(ctx, lake.Part{Table: table, Date: w.date, Run: w.plan.Run}, file)
	if err != nil {
		return lake.Manifest{}, err
	}
	return lake.Manifest{
		Table: table, Date: w.date, Run: w.plan.Run, ToolVersion: w.plan.ToolVersion, SimulatedClock: w.plan.SimulatedClock,
		Files: []lake.File{f}, Columns: columns, Key: set.Key, Scope: w.scope(set), StartedAt: w.started.UTC(), Interval: w.interval(set),
		Notes: w.notes(set),
	}, nil
}

// notes tells what a set was made by, and of which extracts not everything was there.
func (w *work) notes(set Set) []string {
	notes := []string{fmt.Sprintf("made by the model %s.sql with SHA-256 %s", set.Name, w.outputs[set.Name].digest)}
	for _, run := range w.torn {
		notes = append(notes, fmt.Sprintf("the extract %s did not commit all of its tables, and was passed over where another is there: extract the date again", run))
	}
	return notes
}

// interval returns the span of time that a set covers because its raw input does, nil for one that
// tells the whole state of its date.
func (w *work) interval(set Set) *lake.Interval {
	for _, in := range set.Inputs {
		if s := w.snapshots[in.Name]; s != nil && s.snapshot != nil && s.snapshot.Interval != nil {
			return s.snapshot.Interval
		}
	}
	return nil
}

// origin returns the manifests that a set was made from, and the time at which the oldest of the date's own was current.
// An earlier snapshot of a set is among the inputs but does not make the data older.
func (w *work) origin(set Set, committed map[string]lake.Snapshot) ([]lake.Input, time.Time) {
	var inputs []lake.Input
	var asOf time.Time
	for _, in := range set.Inputs {
		schema, table := in.sourceOf()
		var s lake.Snapshot
		if own, isOwn := committed[table.Name()]; isOwn && schema == "curated" {
			s = own
		} else if w.snapshots[in.Name] == nil || w.snapshots[in.Name].snapshot == nil {
			continue
		} else {
			s = *w.snapshots[in.Name].snapshot
		}
		inputs = append(inputs, s.Input())
		if schema != "previous" && !s.SourceAsOf.IsZero() && (asOf.IsZero() || s.SourceAsOf.Before(asOf)) {
			asOf = s.SourceAsOf
		}
	}
	return inputs, asOf
}

// preview returns what the work would read, for a dry run.
func (w *work) preview() DateResult {
	done := DateResult{Date: w.date}
	for _, set := range w.chosen {
		inputs, _ := w.origin(set, nil)
		done.Sets = append(done.Sets, SetResult{Set: set.Name, Inputs: slices.Clip(inputs)})
	}
	return done
}

// countRows reads the number of rows from a Parquet file's footer.
func countRows(name string) (int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	file, err := parquet.OpenFile(f, info.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return 0, fmt.Errorf("engine's output: %w", err)
	}
	return file.NumRows(), nil
}
