package extract

import (
	"context"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// tableRun is one table's part in a run.
type tableRun struct {
	Table
	run      *run
	name     lake.Table
	tally    *tally.Table
	manifest lake.Manifest
	span     *span        // of an incremental table
	inputs   []lake.Input // snapshots that rows come from, or were found by
	elapsed  time.Duration
	snapshot string

	rows int64 // guarded by run.progress
}

// fetch writes the table's part and prepares its manifest.
func (t *tableRun) fetch(ctx context.Context) error {
	p := t.run.plan
	columns, err := t.columns()
	if err != nil {
		return err
	}
	ctx, err = t.begin(tally.With(ctx, &t.run.book, t.Name))
	if err != nil {
		return err
	}
	began := time.Now() // p.Now may stand still
	m := lake.Manifest{
		Table: t.name, Date: p.Date, Run: p.Run, ToolVersion: p.ToolVersion, SimulatedClock: p.SimulatedClock,
		Origin: p.Source.Resume, Scope: t.scope, Columns: columns, Key: t.Key, StartedAt: p.Now().UTC(),
	}
	part := lake.Part{Table: t.name, Date: p.Date, Run: p.Run, SortBy: t.Key}
	if t.span != nil {
		m.Interval = &t.span.Interval
		part.Metadata = map[string]string{"interval_from": text(t.span.From), "interval_to": text(t.span.To)}
	}
	file, err := t.Table.fetch(ctx, t.run.lake, part, func(rows int64) { t.report(rows, false) })
	t.elapsed = time.Since(began)
	if err != nil {
		return err
	}
	if err := t.tally.TooManyLeft(file.Rows); err != nil {
		return err
	}
	s := t.tally.Snapshot()
	m.Files, m.FinishedAt = []lake.File{file}, p.Now().UTC()
	m.SourceAsOf = m.StartedAt
	if s.FromBefore > 0 {
		m.SourceAsOf = s.Oldest.UTC()
		s.Notes = append(s.Notes, fmt.Sprintf("%d answers are those of a run that was interrupted, from %s on.", s.FromBefore, s.Oldest.UTC().Format(time.RFC3339)))
	}
	if !s.AsOf.IsZero() {
		m.SourceAsOf = s.AsOf.UTC()
	}
	m.SourceFields = t.tally.Fields()
	m.Requests, m.Counts, m.Notes, m.Checks = &s.Requests, s.Counts, s.Notes, s.Checks
	m.Inputs = t.inputs
	if s.Carried > 0 {
		m.Inputs = append(m.Inputs, viewOf(ctx).earlier.Input())
	}
	if t.span != nil && !t.span.watermark.IsZero() {
		m.Watermark = &t.span.watermark
	}
	t.manifest = m
	t.report(file.Rows, true)
	return nil
}

// report tells the plan's Progress, with the rows known so far for a negative number.
func (t *tableRun) report(rows int64, finished bool) {
	progress := t.run.plan.Progress
	if progress == nil {
		return
	}
	t.run.progress.Lock()
	defer t.run.progress.Unlock()
	if rows >= 0 {
		t.rows = rows
	}
	s := t.tally.Snapshot()
	progress(Progress{Table: t.Name, Rows: t.rows, Done: s.Done, Total: s.Total, Requests: s.Requests, Planned: s.Planned, Finished: finished})
}
