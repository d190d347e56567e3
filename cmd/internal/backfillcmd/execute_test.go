package backfillcmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func testEnv() *run.Env {
	return &run.Env{
		Config: &config.Config{}, Jobs: []job.Job{{Name: "A"}}, Log: slog.New(slog.DiscardHandler), Out: io.Discard,
		Progress: func(string, string, int64, int64) {},
	}
}

// steps are loads of following dates, each after the one before, that take an hour.
func steps(n int, work run.Stage) []*step {
	var all []*step
	first := lake.DateOf(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	for i := range n {
		all = chain(all, &step{stage: loadStage, job: "A", date: first.AddDays(i), work: work, end: make(chan struct{})})
	}
	return all
}

// TestSignal stops a backfill in its second date: that one is finished, and no other is begun.
func TestSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		all := steps(4, func(ctx context.Context, _ *run.Env, _ *lake.Lake) (run.Report, error) {
			time.Sleep(time.Hour)
			return run.Report{}, ctx.Err()
		})
		time.AfterFunc(90*time.Minute, cancel)
		err := execute(ctx, testEnv(), nil, all, 4)
		if fault.ClassOf(err) != fault.Interrupted || !strings.Contains(err.Error(), "2 steps left") {
			t.Errorf("it ends with %v", err)
		}
		for i, want := range []state{made, made, unbegun, unbegun} {
			if all[i].state != want {
				t.Errorf("date %d is %s, want %s", i+1, all[i].state, want)
			}
		}
	})
}

// TestFailuresAreCollected has two dates fail: the others are made, and the worse failure decides.
func TestFailuresAreCollected(t *testing.T) {
	var calls atomic.Int32
	all := steps(4, func(context.Context, *run.Env, *lake.Lake) (run.Report, error) {
		switch calls.Add(1) {
		case 2:
			return run.Report{}, fault.New(fault.Temporary, "", errors.New("busy"))
		case 3:
			return run.Report{}, fault.New(fault.Data, "look", errors.New("bad rows"))
		}
		return run.Report{Lines: []run.Line{{Rows: 1000}}}, nil
	})
	needy := &step{stage: loadStage, job: "A", date: all[2].date, needs: all[2:3], end: make(chan struct{})}
	err := execute(t.Context(), testEnv(), nil, append(all, needy), 2)
	if fault.ClassOf(err) != fault.Data || fault.HintOf(err) != "look" || !strings.Contains(err.Error(), "2 steps failed") || !strings.Contains(err.Error(), "2026-03-03") {
		t.Errorf("it ends with %v", err)
	}
	if needy.state != stranded {
		t.Errorf("what needs a failed date is %s", needy.state)
	}
	var out bytes.Buffer
	printSummary(&out, append(all, needy))
	for _, want := range []string{"made  failed  not possible   rows", "2       2             1  2,000", "A load 2026-03-03 failed: bad rows", "not possible: its load failed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the summary lacks %q:\n%s", want, out.String())
		}
	}
}

// TestAtOnce lets no more steps be under way than are allowed.
func TestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var under, most atomic.Int32
		all := steps(6, func(context.Context, *run.Env, *lake.Lake) (run.Report, error) {
			most.Store(max(most.Load(), under.Add(1)))
			time.Sleep(time.Hour)
			under.Add(-1)
			return run.Report{}, nil
		})
		for _, s := range all {
			s.stage, s.after = transformStage, nil
		}
		began := time.Now()
		if err := execute(t.Context(), testEnv(), nil, all, 2); err != nil {
			t.Fatal(err)
		}
		if most.Load() != 2 || time.Since(began) != 3*time.Hour {
			t.Errorf("%d at once, %s in all", most.Load(), time.Since(began))
		}
	})
}
