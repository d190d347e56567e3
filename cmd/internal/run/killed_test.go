package run

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/signals"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func recorder(t *testing.T, log *bytes.Buffer) (*Env, *lake.Lake) {
	t.Helper()
	l, err := lake.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &Env{
		Config: &config.Config{}, Jobs: []job.Job{{Name: "COURSE_INVENTORY"}}, Batch: true, Log: slog.New(slog.NewTextHandler(log, nil)), Now: time.Now,
		failed: new(failures), teller: new(signals.Teller), killed: new(search),
	}, l
}

// TestPulse looks at the record of a run that takes an hour, and is stopped and cannot end at once.
func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e, l := recorder(t, &log)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := e.Record(ctx, l, "extract-canvas", "", func(_ context.Context, id lake.RunID) (Report, error) {
			for range 60 {
				time.Sleep(time.Minute)
				synctest.Wait()
				r, err := l.GetRun(t.Context(), id)
				if age := time.Since(r.SeenAt); err != nil || age > 0 || r.Judge(time.Now()).Status != lake.Running {
					t.Fatalf("seen %s ago as %s, %v", age, r.Status, err)
				}
				cancel()
			}
			return Report{}, errors.New("it was stopped")
		})
		if err == nil {
			t.Fatal("the run succeeded")
		}
		time.Sleep(time.Hour)
		runs, err := l.Runs(t.Context(), 0)
		if err != nil || len(runs) != 1 || runs[0].Judge(time.Now()).Status != lake.Interrupted {
			t.Errorf("%+v, %v", runs, err)
		}
	})
}

// TestCloseKilled begins a run beside others that never ended.
func TestCloseKilled(t *testing.T) {
	var log bytes.Buffer
	e, l := recorder(t, &log)
	e.Config.Lineage.Lake, e.Config.Metrics.TextfileDir = true, t.TempDir()
	now := time.Now().UTC()
	put := func(stage string, seen time.Duration) lake.RunID {
		at := now.Add(-seen - time.Hour)
		r := lake.Run{ID: lake.NewRunID(at), Stage: stage, Jobs: []string{"COURSE_INVENTORY"}, Status: lake.Running, StartedAt: at, SeenAt: now.Add(-seen)}
		if err := l.PutRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	old, killed, alive := put("transform", 26*time.Hour), put("transform", 10*time.Minute), put("load", 4*time.Minute)
	record := func() {
		if _, err := e.Record(t.Context(), l, "extract-udw", "", func(context.Context, lake.RunID) (Report, error) { return Report{}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	record()
	e.killed = new(search) // another program, which finds nothing to do
	record()

	got := map[lake.RunID]lake.Status{}
	runs, err := l.Runs(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if r.Stage != "extract-udw" {
			got[r.ID] = r.Status
		}
		if r.Status == lake.Killed && (r.ExitCode != 137 || !r.FinishedAt.Equal(r.SeenAt) || r.Error == "" || r.Remedy == "") {
			t.Errorf("record %+v", r)
		}
	}
	if diff := cmp.Diff(map[lake.RunID]lake.Status{old: lake.Killed, killed: lake.Killed, alive: lake.Running}, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if n := strings.Count(log.String(), "an earlier run was killed"); n != 2 {
		t.Errorf("%d runs are told of:\n%s", n, log.String())
	}
	for id, want := range map[lake.RunID][2]int{old: {1, 1}, killed: {1, 1}} {
		events, err := l.Lineage(t.Context(), id)
		if n := [2]int{bytes.Count(events, []byte(`"START"`)), bytes.Count(events, []byte(`"ABORT"`))}; err != nil || n != want {
			t.Errorf("events of %s: %v\n%s", id, err, events)
		}
	}
	if _, err := l.Lineage(t.Context(), alive); err == nil {
		t.Error("a run that lives is told to have ended")
	}
	figures, err := os.ReadFile(filepath.Join(e.Config.Metrics.TextfileDir, "course_inventory_transform_COURSE_INVENTORY.prom"))
	if want := "course_inventory_run_duration_seconds{job_name=\"COURSE_INVENTORY\",stage=\"transform\"} 3600\n"; err != nil ||
		!strings.Contains(string(figures), "} 137\n") || !strings.Contains(string(figures), want) {
		t.Errorf("%v in\n%s", err, figures)
	}
	if n := strings.Count(log.String(), "a signal was not sent"); n > 0 {
		t.Error(log.String())
	}
}
