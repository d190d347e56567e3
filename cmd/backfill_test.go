package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestKilledBackfill kills a backfill of archived dates three times with a signal that nobody can catch. It must run to the
// end, and do nothing again that it had finished.
func TestKilledBackfill(t *testing.T) {
	t.Parallel()
	w := &world{t: t}
	if err := w.setup(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	first := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if err := w.start(campus.Options{Seed: 5, Courses: 15, Date: first}, true); err != nil {
		t.Fatal(err)
	}
	if err := w.writeConfig(); err != nil {
		t.Fatal(err)
	}
	for _, extract := range []string{"extract-canvas", "extract-udw"} {
		if out, err := w.program(t, extract); err != nil {
			t.Fatalf("%s: %v\n%s", extract, err, out)
		}
	}
	const days, kills, step = 14, 3, 2 // a kill whenever so many more dates are made
	from := lake.DateOf(first)
	to := from.AddDays(days - 1)
	l := w.archive(t, from, days)
	w.date = to.Time()

	backfill := []string{"course-inventory", "backfill", "--from", from.String(), "--to", to.String()}
	for k := range kills {
		made := committed(t, l, from, days)
		if made == days {
			t.Fatalf("all dates are made before kill %d", k+1)
		}
		if err := w.stopOnceMade(t, l, from, days, made+step, syscall.SIGKILL, backfill...); err.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the backfill was not killed: %v\n%s", err, err.Stderr)
		}
	}
	if err := w.stopOnceMade(t, l, from, days, committed(t, l, from, days)+1, syscall.SIGTERM, backfill...); err.ExitCode() != 128+int(syscall.SIGTERM) {
		t.Errorf("asked to end, the backfill ends with %v\n%s", err, err.Stderr)
	}
	if out, err := w.program(t, backfill...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := committed(t, l, from, days); n != days {
		t.Errorf("%d of %d dates are made", n, days)
	}
	again := 0
	for i := range days {
		s, err := l.Find(t.Context(), lake.Curated("course"), from.AddDays(i))
		if err != nil {
			t.Fatal(err)
		}
		again += s.Number - 1
	}
	if again > kills {
		t.Errorf("%d dates were made again, but only %d backfills were killed", again, kills)
	}
	var held string
	if err := w.db.QueryRow("SELECT GROUP_CONCAT(DISTINCT dt) FROM load_record").Scan(&held); err != nil || held != to.String() {
		t.Errorf("MySQL holds %s, %v", held, err)
	}
	if wrong, err := w.differences(first); err != nil || len(wrong) > 0 { // every date is like the first
		t.Errorf("against the truth: %v %v", wrong, err)
	}
}

// archive gives the lake's raw tables of a date to the days after it, and returns the lake.
func (w *world) archive(t *testing.T, from lake.Date, days int) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), w.config["LAKE"].(map[string]any)["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for i := 1; i < days; i++ {
		run := lake.NewRunID(from.AddDays(i).Time())
		for _, s := range job.All()[0].Sources {
			for _, name := range s.Tables {
				old, err := l.Find(t.Context(), lake.Raw(s.Name, name), from)
				if err != nil {
					t.Fatal(err)
				}
				m := old.Manifest
				m.Date, m.Run, m.Files = from.AddDays(i), run, nil
				for n, f := range old.Files {
					local, err := l.Local(t.Context(), f, t.TempDir())
					if err != nil {
						t.Fatal(err)
					}
					f, err := l.Upload(t.Context(), lake.Part{Table: m.Table, Date: m.Date, Run: run, Number: n}, local)
					if err != nil {
						t.Fatal(err)
					}
					m.Files = append(m.Files, f)
				}
				if _, err := l.Commit(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return l
}

// committed returns how many dates have the table that is committed last.
func committed(t *testing.T, l *lake.Lake, from lake.Date, days int) int {
	t.Helper()
	dates, err := l.Dates(t.Context(), lake.Curated("canvas_course_usage"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range dates {
		if !d.Before(from) && d.Before(from.AddDays(days)) {
			n++
		}
	}
	return n
}

// program runs a program to its end and returns all that it wrote.
func (w *world) program(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd, output := w.command(t, args...)
	err := cmd.Run()
	return output.String(), err
}

func (w *world) command(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "ENV_DIR="+w.secrets(), "COURSE_INVENTORY_CLOCK="+w.clock(), "TMPDIR="+w.dir)
	output := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = output, output
	return cmd, output
}

// stopOnceMade sends a signal to a backfill as soon as so many dates are made, and returns how it ended, with all that it wrote.
func (w *world) stopOnceMade(t *testing.T, l *lake.Lake, from lake.Date, days, made int, signal os.Signal, args ...string) *exec.ExitError {
	t.Helper()
	cmd, output := w.command(t, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for committed(t, l, from, days) < made {
		select {
		case err := <-ended:
			t.Fatalf("the backfill ended before it was stopped: %v\n%s", err, output.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	_ = cmd.Process.Signal(signal)
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) {
		t.Fatalf("the backfill ended with %v although it was stopped\n%s", err, output.String())
	}
	exit.Stderr = output.Bytes()
	return exit
}
