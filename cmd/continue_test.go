package cmd_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// TestRunGoesOn breaks a run at different stages. The next one must fetch nothing that is there, and the one
// after it everything.
func TestRunGoesOn(t *testing.T) {
	t.Parallel()
	w := &world{t: t}
	if err := w.setup(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	if err := w.start(campus.Options{Seed: 5, Courses: 20, Date: monday, Latency: time.Millisecond}, false); err != nil {
		t.Fatal(err)
	}
	w.config["JOB_NAMES"], w.config["LOG_LEVEL"] = []string{"COURSE_INVENTORY", "CANVAS_LTI"}, "INFO"
	// away makes a server unreachable until the function that it returns is called.
	away := func(section string) (back func()) {
		port := w.config[section].(map[string]any)["port"]
		w.config[section].(map[string]any)["port"] = 1
		return func() { w.config[section].(map[string]any)["port"] = port }
	}
	all := w.run(t, 0)
	if all.requests == 0 {
		t.Fatal("nothing was fetched")
	}

	back := away("INVENTORY_DB")
	broken := w.run(t, 69)
	for _, job := range []string{"COURSE_INVENTORY", "CANVAS_LTI"} {
		if !strings.Contains(broken.last(), "job "+job+": ") {
			t.Errorf("no remedy for job %s:\n%s", job, broken.last())
		}
	}
	if broken.requests == 0 {
		t.Error("a run after one that succeeded fetched nothing")
	}
	if again := w.run(t, 69); again.requests != 0 {
		t.Errorf("with MySQL still away, %d requests", again.requests)
	}
	back()
	if plan := w.run(t, 0, "--dry-run"); !strings.Contains(plan.output, "by an earlier run") {
		t.Errorf("the plan does not tell what is done already:\n%s", plan.output)
	}
	if again := w.run(t, 0); again.requests != 0 || !strings.Contains(again.output, "going on with what an earlier run has done") {
		t.Errorf("%d requests to load what was there\n%s", again.requests, again.output)
	}
	w.expect(t, monday)

	back = away("UDW")
	if broken = w.run(t, 69); broken.requests == 0 {
		t.Error("a run after one that went on and succeeded fetched nothing")
	}
	back()
	if again := w.run(t, 0); again.requests != 0 || strings.Contains(again.output, `"stage":"load","msg":"started","job":"CANVAS_LTI"`) {
		t.Errorf("%d requests, although only the warehouse was left\n%s", again.requests, again.output)
	}
	w.expect(t, monday)

	back = away("INVENTORY_DB")
	w.run(t, 69)
	back()
	if again := w.run(t, 0, "--restart"); again.requests == 0 {
		t.Error("--restart fetched nothing")
	}
	if again := w.run(t, 0); again.requests == 0 {
		t.Error("a run after --restart went on with the one before it")
	}
	w.expect(t, monday)
}

// outcome is what a run did.
type outcome struct {
	requests int // to all sources by HTTP
	output   string
}

// last returns the last line of the output.
func (o outcome) last() string {
	lines := strings.Split(strings.TrimSpace(o.output), "\n")
	return lines[len(lines)-1]
}

// run runs all jobs and expects an exit code.
func (w *world) run(t *testing.T, code int, args ...string) outcome {
	t.Helper()
	if err := w.writeConfig(); err != nil {
		t.Fatal(err)
	}
	before := w.campus.Stats().Total()
	cmd := exec.CommandContext(t.Context(), "nightly", args...)
	cmd.Env = append(os.Environ(), "ENV_DIR="+w.secrets(), "COURSE_INVENTORY_CLOCK="+w.clock(), "TMPDIR="+w.dir)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("run %v ended with %d, want %d\n%s", args, got, code, output.String())
	}
	return outcome{w.campus.Stats().Total() - before, output.String()}
}
