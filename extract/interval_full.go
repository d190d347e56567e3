package extract

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// full reports whether a snapshot holds everything since the table's start.
func (s *Since) full(m lake.Manifest) bool {
	return m.Interval != nil && !m.Interval.From.After(s.Start)
}

// fullDue reports whether everything since the start is to be read again: no snapshot of the last FullDays days holds it. A date that
// held everything does so again, or what it alone told would be lost. Other dates before yesterday never do: a source tells
// its state of now, and what they tell does not count beside newer dates.
func (t *tableRun) fullDue(ctx context.Context) (bool, error) {
	p := t.run.plan
	if t.since.FullDays == 0 {
		return false, nil
	}
	before, err := t.run.lake.Find(ctx, t.name, p.Date)
	if err == nil && t.since.full(before.Manifest) {
		return true, nil
	}
	if err != nil && !errors.Is(err, lake.ErrNotFound) {
		return false, err
	}
	if p.Date.Before(lake.DateOf(p.Now()).AddDays(-1)) {
		return false, nil
	}
	since := p.Date.AddDays(1 - t.since.FullDays)
	for s, err := range t.earlier(ctx) {
		if err != nil || s.Date.Before(since) {
			return err == nil, err
		}
		if t.since.full(s.Manifest) {
			return false, nil
		}
	}
	return true, nil
}

// earlier yields the table's snapshots of earlier dates, the newest first.
func (t *tableRun) earlier(ctx context.Context) iter.Seq2[lake.Snapshot, error] {
	return func(yield func(lake.Snapshot, error) bool) {
		for d := t.run.plan.Date; ; {
			s, err := t.run.lake.Before(ctx, t.name, d)
			if errors.Is(err, lake.ErrNotFound) || !yield(s, err) || err != nil {
				return
			}
			d = s.Date
		}
	}
}

// Known yields the rows that snapshots of earlier dates have of the incremental table that ctx reads, the newest
// date first, back to the newest snapshot that holds everything since the start. The manifest names them as inputs.
func Known[T any](ctx context.Context) iter.Seq2[T, error] {
	v := viewOf(ctx)
	return func(yield func(T, error) bool) {
		var zero T
		for s, err := range v.table.earlier(ctx) {
			if err != nil {
				yield(zero, err)
				return
			}
			if in := s.Input(); !slices.Contains(v.table.inputs, in) {
				v.table.inputs = append(v.table.inputs, in)
			}
			for row, err := range lake.Rows[T](ctx, v.run.lake, s.Manifest) {
				if !yield(row, err) || err != nil {
					return
				}
			}
			if v.table.since.full(s.Manifest) {
				return
			}
		}
	}
}
