package run

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/signals"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestAlerts runs programs that fail, with a webhook that answers with an error: the exit code stays that of the program.
func TestAlerts(t *testing.T) {
	var got []signals.Alert
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a signals.Alert
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &a); err != nil {
			t.Errorf("%v in %s", err, body)
		}
		got = append(got, a)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer hook.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "env.hjson")
	text := `{JOB_NAMES: ["MIVIDEO"], LAKE: {url: "file://` + filepath.ToSlash(dir) + `/lake"}, ALERT: {webhook: "` + hook.URL + `"}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := fault.New(fault.Data, "mend it", errors.New("it is broken"))
	stage := func(end func(context.Context) error) func(context.Context, *Env) error {
		return Alone(func(ctx context.Context, e *Env, l *lake.Lake) (Report, error) {
			return e.Record(ctx, l, "load", "", func(context.Context, lake.RunID) (Report, error) { return Report{}, end(ctx) })
		})
	}
	signalled := func(all ...syscall.Signal) func(context.Context) error {
		return func(ctx context.Context) error {
			for _, s := range all {
				if err := syscall.Kill(os.Getpid(), s); err != nil {
					return err
				}
				<-ctx.Done()
			}
			return context.Cause(ctx)
		}
	}
	// This test may run below nohup, which ignores SIGHUP.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	signal.Stop(hangups)
	for _, c := range []struct {
		name   string
		p      Program
		args   []string
		code   int
		alerts int
		runs   int
	}{
		{"a stage fails", Program{Run: stage(func(context.Context) error { return broken })}, nil, 65, 1, 1},
		{"before any stage", Program{Run: func(context.Context, *Env) error { return broken }}, nil, 65, 1, 0},
		{"a program that only looks", Program{Looks: true, Run: func(context.Context, *Env) error { return broken }}, nil, 65, 0, 0},
		{"a plain program", Program{Plain: true, Run: func(context.Context, *Env) error { return broken }}, nil, 65, 0, 0},
		{"dry run", Program{Run: stage(func(context.Context) error { return broken })}, []string{"--dry-run"}, 65, 0, 0},
		{"wrong flag", Program{}, []string{"--no-such-flag"}, 64, 0, 0},
		{"a job that there is not", Program{Run: stage(func(context.Context) error { return nil })}, []string{"--jobs", "ZOOM"}, 64, 0, 0},
		{"no job", Program{Run: stage(func(context.Context) error { return nil })}, []string{"--jobs", ","}, 64, 0, 0},
		{"future date", Program{}, []string{"--date", "2999-01-01"}, 64, 0, 0},
		{"shut down", Program{Run: stage(signalled(syscall.SIGTERM))}, nil, 143, 1, 1},
		{"terminal closed", Program{Run: stage(signalled(syscall.SIGHUP, syscall.SIGHUP))}, nil, 129, 1, 1},
		{"Ctrl-C", Program{Run: stage(signalled(syscall.SIGINT))}, nil, 130, 0, 0},
		{"success", Program{Run: stage(func(context.Context) error { return nil })}, nil, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got = nil
			c.p.Name = "p"
			if code := c.p.Execute(append([]string{"--config", file, "--progress", "never"}, c.args...)); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if len(got) != c.alerts {
				t.Fatalf("%d alerts, want %d", len(got), c.alerts)
			}
			if c.alerts == 0 {
				return
			}
			if got[0].ExitCode != c.code || len(got[0].Runs) != c.runs {
				t.Errorf("got %+v", got[0])
			}
			if c.runs > 0 && c.code == 65 {
				r := got[0].Runs[0]
				if diff := cmp.Diff(signals.FailedRun{RunID: r.RunID, Stage: "load", Jobs: []string{"MIVIDEO"}, Date: r.Date, Status: lake.Failed, Error: "it is broken", Remedy: "mend it", ExitCode: 65}, r); diff != "" || r.RunID == "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			}
		})
	}
}
