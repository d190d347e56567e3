package cmd_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// canvasWorld is a simulated Canvas and the program extract-canvas with a lake of its own.
type canvasWorld struct {
	*world
	t testing.TB
}

func newCanvasWorld(t testing.TB, o campus.Options) *canvasWorld {
	t.Helper()
	dir := t.TempDir()
	o.Date = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	w := &canvasWorld{&world{dir: dir, campus: campustest.Start(t, o), date: o.Date}, t}
	w.config = map[string]any{
		"LOG_LEVEL": "INFO", "JOB_NAMES": []string{"COURSE_INVENTORY"}, "MAX_REQ_ATTEMPTS": 2, "NUM_ASYNC_WORKERS": workers,
		"CANVAS": w.campus.ConfigCanvas(false),
		"LAKE":   map[string]any{"url": "file://" + filepath.ToSlash(dir) + "/lake"},
	}
	if err := os.MkdirAll(w.secrets(), 0o700); err != nil {
		t.Fatal(err)
	}
	return w
}

const workers = 6

// command returns the program, ready to start.
func (w *canvasWorld) command() *exec.Cmd {
	w.t.Helper()
	if err := w.writeConfig(); err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.CommandContext(w.t.Context(), "extract-canvas", "--log-format", "json", "--progress", "never")
	cmd.Env = append(os.Environ(), "ENV_DIR="+w.secrets(), "COURSE_INVENTORY_CLOCK="+w.clock(), "TMPDIR="+w.dir)
	return cmd
}

// extract runs extract-canvas. At so many requests to the campus it sends it a signal; 0 sends none. It returns the exit code, -1 if
// the program was killed, and what it logged.
func (w *canvasWorld) extract(signal syscall.Signal, at int) (code int, log string) {
	w.t.Helper()
	cmd := w.command()
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	if at > 0 {
		w.campus.At(at, func() {
			if err := cmd.Process.Signal(signal); err != nil {
				w.t.Error(err)
			}
		})
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), output.String()
}

func (w *canvasWorld) requests() int { return w.campus.Stats().Total() }

// checkpoints returns how many segments the lake holds.
func (w *canvasWorld) checkpoints() (n int) {
	w.t.Helper()
	err := filepath.WalkDir(filepath.Join(w.dir, "lake", "_checkpoints"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// whole runs extract-canvas to its end and returns how many requests that took.
func (w *canvasWorld) whole() (requests int, log string) {
	w.t.Helper()
	before := w.requests()
	code, log := w.extract(0, 0)
	if code != 0 {
		w.t.Fatalf("exit code %d\n%s", code, log)
	}
	if n := w.checkpoints(); n > 0 {
		w.t.Errorf("%d segments of a checkpoint are left after the commit", n)
	}
	return w.requests() - before, log
}

// fields returns what fields Canvas was seen to have, by table, as the manifests tell.
func (w *canvasWorld) fields() map[string][]lake.Field {
	w.t.Helper()
	l, err := lake.Open(w.t.Context(), "file://"+filepath.ToSlash(w.dir)+"/lake")
	if err != nil {
		w.t.Fatal(err)
	}
	defer l.Close()
	all := map[string][]lake.Field{}
	for _, table := range []string{"term", "account", "course", "course_audit_event", "course_activity"} {
		s, err := l.Find(w.t.Context(), lake.Raw("canvas", table), lake.DateOf(w.date))
		if err != nil || len(s.SourceFields) == 0 {
			w.t.Fatalf("%s has %d fields of the source: %v", table, len(s.SourceFields), err)
		}
		all[table] = s.SourceFields
	}
	return all
}

// uneven is how many requests more or less two runs over the same courses take, as it depends on the order of answers
// which pages of enrollments share a request.
const uneven = 12

// TestResume interrupts extract-canvas in every way. The next run must not repeat what was finished.
func TestResume(t *testing.T) {
	t.Parallel()
	o := campus.Options{Seed: 17, Courses: 150, Latency: 8 * time.Millisecond}
	calm := newCanvasWorld(t, o)
	clean, _ := calm.whole()
	t.Logf("%d requests without interruption", clean)

	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		w := newCanvasWorld(t, o)
		kills := 0
		for _, share := range []int{10, 35, 60, 85} {
			if code, log := w.extract(syscall.SIGKILL, clean*share/100); code != -1 {
				t.Fatalf("exit code %d\n%s", code, log)
			}
			kills++
		}
		if w.checkpoints() == 0 {
			t.Fatal("nothing was saved")
		}
		_, log := w.whole()
		if !strings.Contains(log, "going on where an earlier run was interrupted") {
			t.Errorf("the log does not tell of it:\n%s", log)
		}
		// What was on its way is lost, what had just come and was not taken in yet, and what was unsaved: at most one in a hundred.
		repeated, lost := w.requests()-clean, kills*(2*workers+1+clean/100)
		t.Logf("%d requests repeated after %d kills", repeated, kills)
		if repeated > lost+uneven {
			t.Errorf("%d requests repeated, at most %d can have been lost", repeated, lost)
		}
		if diff := cmp.Diff(calm.fields(), w.fields()); diff != "" {
			t.Errorf("the source's fields, without interruption and with it (-want +got):\n%s", diff)
		}
	})
	t.Run("terminated", func(t *testing.T) {
		t.Parallel()
		w := newCanvasWorld(t, o)
		code, log := w.extract(syscall.SIGTERM, clean/2)
		if code != 143 || w.checkpoints() == 0 {
			t.Errorf("exit code %d, %d segments saved\n%s", code, w.checkpoints(), log)
		}
		w.whole()
		if repeated := w.requests() - clean; repeated > uneven {
			t.Errorf("%d requests repeated, although those under way were finished", repeated)
		}
	})
	t.Run("token revoked", func(t *testing.T) {
		t.Parallel()
		o := o
		o.RevokeAfter = clean * 6 / 10
		w := newCanvasWorld(t, o)
		code, log := w.extract(0, 0)
		if code != 77 || w.checkpoints() == 0 || !strings.Contains(log, "CANVAS.CANVAS_TOKEN") {
			t.Errorf("exit code %d, %d segments saved\n%s", code, w.checkpoints(), log)
		}
		w.campus.Reset() // another token
		if n, _ := w.whole(); n > clean-o.RevokeAfter+uneven {
			t.Errorf("%d requests after %d of %d", n, o.RevokeAfter, clean)
		}
	})
	t.Run("another configuration", func(t *testing.T) {
		t.Parallel()
		w := newCanvasWorld(t, o)
		w.extract(syscall.SIGTERM, clean/2)
		block := w.campus.ConfigCanvas(false)
		block["CANVAS_TERM_IDS"] = w.campus.TermIDs[:1]
		w.config["CANVAS"] = block
		if err := w.writeConfig(); err != nil {
			t.Fatal(err)
		}
		before := w.requests()
		if code, log := w.extract(0, 0); code != 0 || strings.Contains(log, "going on where") || w.requests()-before < clean/2 {
			t.Errorf("exit code %d after %d requests\n%s", code, w.requests()-before, log)
		}
		if w.checkpoints() == 0 {
			t.Error("the checkpoint of the other configuration is gone")
		}
	})
	t.Run("another day", func(t *testing.T) {
		t.Parallel()
		w := newCanvasWorld(t, o)
		w.extract(syscall.SIGTERM, clean/2)
		if err := w.move(w.date.AddDate(0, 0, 1)); err != nil {
			t.Fatal(err)
		}
		if n, log := w.whole(); n < clean-clean/10 || strings.Contains(log, "going on where") {
			t.Errorf("only %d requests\n%s", n, log)
		}
	})
	t.Run("damaged", func(t *testing.T) {
		t.Parallel()
		w := newCanvasWorld(t, o)
		w.extract(syscall.SIGTERM, clean/2)
		segments, err := filepath.Glob(filepath.Join(w.dir, "lake/_checkpoints/canvas/*/*/*.zst"))
		if err != nil || len(segments) < 4 {
			t.Fatal(segments, err)
		}
		for _, name := range segments[len(segments)/2:] {
			if err := os.Truncate(name, 90); err != nil {
				t.Fatal(err)
			}
		}
		n, log := w.whole()
		if !strings.Contains(log, "a part of the checkpoint is not used") || n >= clean {
			t.Errorf("%d requests\n%s", n, log)
		}
	})
}
