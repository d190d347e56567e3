package upkeep_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

// Runs commit, a person removes and restores, two clean-ups without any grace delete, all of one date at once; whatever is in
// force at any time has its files.
func testCleanBesideCommits(t *testing.T, l *lake.Lake, rounds int) {
	r := &racers{lake: l, date: date("2026-03-01")}
	var over atomic.Bool
	var actors, others sync.WaitGroup
	actor := func(f func(ctx context.Context, i int) error) {
		actors.Go(func() {
			for i := range rounds {
				if err := f(t.Context(), i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	endless := func(f func(ctx context.Context) error) {
		others.Go(func() {
			for !over.Load() && !t.Failed() {
				if err := f(t.Context()); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Millisecond) // lets the actors come to the turn
			}
		})
	}
	actor(r.publish)
	actor(r.publish)
	actor(r.remove)
	endless(r.restore)
	endless(r.restore)
	endless(r.clean)
	endless(r.clean)
	endless(r.read)
	actors.Wait()
	over.Store(true)
	others.Wait()
	t.Logf("%d snapshots removed, %d restored, %d objects deleted, %d spared", r.removed.Load(), r.restored.Load(), r.deleted.Load(), r.spared.Load())
	if r.removed.Load() == 0 || r.deleted.Load() == 0 {
		t.Error("too little happened for a test")
	}
	v, err := upkeep.Verify(t.Context(), l, upkeep.VerifyOptions{Now: time.Now(), Grace: time.Hour})
	if err != nil || v.Damaged() > 0 {
		t.Errorf("%+v, %v", v.Findings, err)
	}
}

type racers struct {
	lake                               *lake.Lake
	date                               lake.Date
	removed, restored, deleted, spared atomic.Int64
}

func (r *racers) publish(ctx context.Context, i int) error {
	run := lake.NewRunID(time.Now())
	if err := r.lake.PutRun(ctx, lake.Run{ID: run, Status: lake.Running, Date: r.date}); err != nil {
		return err
	}
	w, err := lake.NewWriter[row](ctx, r.lake, lake.Part{Table: course, Date: r.date, Run: run, SortBy: key})
	if err != nil {
		return err
	}
	if err := w.Write(rows(i + 1)...); err != nil {
		return err
	}
	file, err := w.Close()
	if err != nil {
		return err
	}
	columns, err := lake.ColumnsOf[row]()
	if err != nil {
		return err
	}
	_, err = r.lake.Commit(ctx, lake.Manifest{Table: course, Date: r.date, Run: run, Files: []lake.File{file}, Columns: columns, Key: key})
	return unless(err)
}

// remove tries until it comes first.
func (r *racers) remove(ctx context.Context, _ int) error {
	for range 1000 {
		s, err := r.lake.Find(ctx, course, r.date)
		if err == nil {
			if _, err = r.lake.Remove(ctx, s, gcRemoval(time.Now())); err == nil {
				r.removed.Add(1)
				return nil
			}
		}
		if err := unless(err, lake.ErrNotFound, lake.ErrChanged); err != nil {
			return err
		}
	}
	return nil
}

func (r *racers) restore(ctx context.Context) error {
	_, err := r.lake.Restore(ctx, course, r.date, gcRemoval(time.Now()))
	if err == nil {
		r.restored.Add(1)
	}
	if fault.ClassOf(err) == fault.Usage { // it is there
		return nil
	}
	return unless(err, lake.ErrChanged)
}

// unless returns err unless it is one of those that the others may cause.
func unless(err error, expected ...error) error {
	for _, e := range expected {
		if errors.Is(err, e) {
			return nil
		}
	}
	// A manifest that was found, or a number that was taken, and cleaned up before it was looked at. A grace prevents that.
	if class := fault.ClassOf(err); class == fault.Data || class == fault.Unavailable {
		return nil
	}
	return err
}

func (r *racers) clean(ctx context.Context) error {
	p, err := upkeep.PlanClean(ctx, r.lake, upkeep.CleanOptions{Now: time.Now()})
	if err != nil {
		return unless(err)
	}
	done, err := p.Clean(ctx, r.lake, gcRemoval(time.Now()), nil)
	r.deleted.Add(int64(len(done.Deletions)))
	r.spared.Add(int64(len(done.Spared)))
	return err
}

// read fails if the snapshot in force lacks a file.
func (r *racers) read(ctx context.Context) error {
	s, err := r.lake.Find(ctx, course, r.date)
	if err != nil {
		return unless(err, lake.ErrNotFound)
	}
	if _, err = r.lake.Footer(ctx, s.Files[0]); err == nil {
		return nil
	}
	again, findErr := r.lake.Find(ctx, course, r.date)
	if findErr == nil && again.Path == s.Path && again.SHA256 == s.SHA256 {
		return fmt.Errorf("%s is in force: %w", s.Path, err)
	}
	return nil
}
