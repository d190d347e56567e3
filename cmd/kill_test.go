package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// TestKilledNights kills the whole job at random moments with a signal that nobody can catch. Readers of MySQL
// must see the night before or the new night, whole, at every moment, and the next run must end as if nothing had happened.
func TestKilledNights(t *testing.T) {
	t.Parallel()
	w := &world{t: t}
	if err := w.setup(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if err := w.start(campus.Options{Seed: 11, Courses: 30, Date: monday, Latency: 2 * time.Millisecond}, true); err != nil {
		t.Fatal(err)
	}
	whole := w.night(t, 0)
	w.expect(t, monday)

	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const nights, kills = 2, 6
	for n := 1; n <= nights; n++ {
		yesterday, today := w.date, w.date.AddDate(0, 0, 1)
		if err := w.move(today); err != nil {
			t.Fatal(err)
		}
		for range kills {
			w.night(t, time.Duration(random.Int64N(int64(whole))))
			old, err := w.differences(yesterday)
			if err != nil {
				t.Fatal(err)
			}
			current, err := w.differences(today)
			if err != nil {
				t.Fatal(err)
			}
			if len(old) > 0 && len(current) > 0 {
				t.Fatalf("after a kill MySQL holds neither %s: %s\nnor %s: %s", yesterday, strings.Join(old, "\n"), today, strings.Join(current, "\n"))
			}
		}
		w.night(t, 0)
		w.expect(t, today)
	}
}

// night runs the whole job, killed after a while unless that is 0, and returns how long it took.
func (w *world) night(t *testing.T, kill time.Duration) time.Duration {
	t.Helper()
	if err := w.writeConfig(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nightly")
	cmd.Env = append(os.Environ(), "ENV_DIR="+w.secrets(), "COURSE_INVENTORY_CLOCK="+w.clock(), "TMPDIR="+w.dir)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if kill > 0 {
		timer := time.AfterFunc(kill, func() { _ = cmd.Process.Kill() })
		defer timer.Stop()
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	killed := errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
	if err != nil && (kill == 0 || !killed) {
		t.Fatalf("night of %s: %v\n%s", w.date.Format(time.DateOnly), err, output.String())
	}
	return time.Since(began)
}

func (w *world) expect(t *testing.T, date time.Time) {
	t.Helper()
	wrong, err := w.differences(date)
	if err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 {
		t.Fatalf("against the truth of %s: %s", date.Format(time.DateOnly), strings.Join(wrong, "\n"))
	}
}
