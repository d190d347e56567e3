package backfillcmd

import (
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestPassFailed decides about a missing date by what its last run came to.
func TestPassFailed(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	day := lake.DateOf(at)
	fails := lake.Run{Stage: "transform", Date: day, Jobs: []string{"A"}, Status: lake.Failed, ExitCode: int(fault.Data), StartedAt: at, Error: "gate\nrows"}
	with := func(change func(*lake.Run)) lake.Run { r := fails; change(&r); return r }
	old := &lake.Snapshot{Manifest: lake.Manifest{FinishedAt: at.Add(-time.Hour)}}
	renewed := &lake.Snapshot{Manifest: lake.Manifest{FinishedAt: at.Add(time.Hour)}}
	restored := &lake.Snapshot{Manifest: lake.Manifest{FinishedAt: at.Add(-time.Hour)}, Path: "raw/x/y/dt=2026-03-04/_manifest-000003.json"}
	undone := func(after time.Duration) lake.Run {
		return lake.Run{Stage: "lake-rm", Date: day, Status: lake.Succeeded, StartedAt: at.Add(after), Manifests: []string{restored.Path}}
	}
	for name, test := range map[string]struct {
		reprocess string
		runs      []lake.Run // newest first
		input     *lake.Snapshot
		want      state
	}{
		"never run":                 {reprocessNone, nil, old, planned},
		"failed":                    {reprocessNone, []lake.Run{fails}, old, passed},
		"failed, and asked for":     {reprocessFailed, []lake.Run{fails}, old, planned},
		"failed before its renewal": {reprocessNone, []lake.Run{fails}, renewed, planned},
		"input brought back since":  {reprocessNone, []lake.Run{undone(time.Minute), fails}, restored, planned},
		"brought back before":       {reprocessNone, []lake.Run{fails, undone(-time.Minute)}, restored, passed},
		"another brought back":      {reprocessNone, []lake.Run{undone(time.Minute), fails}, old, passed},
		"passing trouble":           {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.ExitCode = int(fault.Temporary) })}, old, planned},
		"interrupted":               {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.Status = lake.Interrupted })}, old, planned},
		"killed after a failure":    {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.Status = lake.Running }), fails}, old, passed},
		"succeeded since":           {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.Status = lake.Succeeded }), fails}, old, planned},
		"of another job":            {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.Jobs = []string{"B"} })}, old, planned},
		"of another date":           {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.Date = day.AddDays(1) })}, old, planned},
		"somewhere in a range":      {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.From = day.AddDays(-3) })}, old, planned},
		"of another stage":          {reprocessNone, []lake.Run{with(func(r *lake.Run) { r.Stage = "load" })}, old, planned},
	} {
		t.Run(name, func(t *testing.T) {
			p := planner{backfill: &backfill{reprocess: test.reprocess}, runs: test.runs}
			s := &step{stage: "transform", job: "A", date: day}
			p.passFailed(s, []*lake.Snapshot{test.input})
			if s.state != test.want {
				t.Errorf("it is %s (%s), want %s", s.state, s.why, test.want)
			}
		})
	}
}
