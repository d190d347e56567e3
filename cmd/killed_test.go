package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestKilledIsKnown kills an extract with a signal that nobody can catch. After some minutes everybody must see that, and the next run
// must tell those who were told that it began.
func TestKilledIsKnown(t *testing.T) {
	t.Parallel()
	w := newCanvasWorld(t, campus.Options{Seed: 17, Courses: 40, Latency: 4 * time.Millisecond})
	metrics := t.TempDir()
	w.config["LINEAGE"], w.config["METRICS"] = map[string]any{"lake": true}, map[string]any{"textfile_dir": metrics}
	if code, log := w.extract(syscall.SIGKILL, 30); code != -1 {
		t.Fatalf("it ended with %d\n%s", code, log)
	}
	status := func(want string) {
		t.Helper()
		out, err := w.program(t, "course-inventory", "status", "--max-age", "0")
		if err != nil || !strings.Contains(strings.Join(strings.Fields(out), " "), "extract-canvas 2026-03-02 "+want) {
			t.Errorf("status: %v, want %s\n%s", err, want, out)
		}
	}
	status("running")
	w.date = w.date.Add(lake.Silence + time.Minute)
	status("killed")
	l, err := lake.Open(t.Context(), w.config["LAKE"].(map[string]any)["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	before, err := l.Runs(t.Context(), 0)
	if err != nil || len(before) != 1 {
		t.Fatal(before, err)
	}

	if code, log := w.extract(0, 0); code != 0 || !strings.Contains(log, `"msg":"an earlier run was killed"`) {
		t.Fatalf("it ended with %d\n%s", code, log)
	}
	killed, err := l.GetRun(t.Context(), before[0].ID)
	if err != nil || killed.Status != lake.Killed || killed.ExitCode != 137 {
		t.Errorf("record %+v, %v", killed, err)
	}
	events, err := l.Lineage(t.Context(), killed.ID)
	if lines := strings.Split(strings.TrimSpace(string(events)), "\n"); err != nil || len(lines) != 2 ||
		!strings.Contains(lines[0], `"eventType":"START"`) || !strings.Contains(lines[1], `"eventType":"ABORT"`) {
		t.Errorf("events: %v\n%s", err, events)
	}
	figures, err := os.ReadFile(filepath.Join(metrics, "course_inventory_extract-canvas_COURSE_INVENTORY.prom"))
	if err != nil || !strings.Contains(string(figures), `course_inventory_run_exit_code{job_name="COURSE_INVENTORY",stage="extract-canvas"} 0`) {
		t.Errorf("%v in\n%s", err, figures)
	}
}
