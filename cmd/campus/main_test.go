package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// TestMain lets this test's own program stand in for campus.
func TestMain(m *testing.M) {
	if os.Getenv("CAMPUS_TEST_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program runs campus as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "CAMPUS_TEST_MAIN=1")
	return cmd
}

func TestServeUntilTerminated(t *testing.T) {
	ready := filepath.Join(t.TempDir(), "ready.json")
	cmd := program(t, "serve", "--courses", "10", "--date", "2026-03-02", "--ready-file", ready)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var info campus.Info
	if err := json.Unmarshal(line, &info); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	resp, err := http.Get(info.CanvasURL + "/api/v1/accounts/1?access_token=" + info.CanvasToken)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || info.Date != "2026-03-02" || len(info.TermIDs) != 2 || info.AccountID != 1 {
		t.Errorf("%s, %+v", resp.Status, info)
	}
	resp, err = http.Get(info.URL + "/_campus/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	// The file is renamed into place after the line was printed; the process ends after both.
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	if written, err := os.ReadFile(ready); err != nil || !bytes.Equal(written, line) {
		t.Errorf("ready file: %v, %s", err, written)
	}
}

func TestTruth(t *testing.T) {
	run := func(args ...string) string {
		var out, messages bytes.Buffer
		if err := dispatch(t.Context(), append([]string{"truth", "--courses", "12", "--date", "2026-03-02"}, args...), &out, &messages); err != nil {
			t.Fatalf("%v %s", err, &messages)
		}
		return out.String()
	}
	term := run("--table", "term")
	if !strings.HasPrefix(term, `{"canvas_id":12,"name":"Projects (no dates)","sis_id":null,"start_at":null,"end_at":null}`+"\n") {
		t.Errorf("terms: %s", term)
	}
	if one := run("--table", "term", "--term", "148"); strings.Count(one, "\n") != 1 || !strings.Contains(term, one) {
		t.Errorf("one term: %s", one)
	}
	all := run()
	for _, line := range strings.Split(strings.TrimSpace(all), "\n") {
		var row struct {
			Table string
			Row   map[string]any
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil || row.Table == "" || len(row.Row) < 2 {
			t.Fatalf("%v: %s", err, line)
		}
	}
	if all != run() {
		t.Error("the truth is not always the same")
	}
}

func TestExitCodes(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want fault.Class
		says string
	}{
		{nil, fault.Usage, "no command"},
		{[]string{"fly"}, fault.Usage, "unknown command"},
		{[]string{"serve", "--profile", "angry"}, fault.Usage, "clean, throttled, flaky or hostile"},
		{[]string{"serve", "--date", "today"}, fault.Usage, "YYYY-MM-DD"},
		{[]string{"serve", "--break", "/api"}, fault.Usage, "PATH-PREFIX=STATUS"},
		{[]string{"serve", "extra"}, fault.Usage, "unexpected argument"},
		{[]string{"serve", "--courses", "-1"}, fault.Usage, "number of courses"},
		{[]string{"serve", "--addr", "127.0.0.1:99999"}, fault.Unavailable, "port"},
		{[]string{"serve", "--udw-dsn", "postgres://127.0.0.1:1/x"}, fault.Unavailable, "connect to the warehouse"},
		{[]string{"truth", "--table", "x"}, fault.Usage, "canvas_course_usage"},
		{[]string{"truth", "--date", "2026-03-02", "--epoch", "2026-04-01"}, fault.Usage, "before the first day"},
		{[]string{"serve", "-h"}, fault.OK, "-profile"},
		{[]string{"help"}, fault.OK, "campus truth"},
	} {
		cmd := program(t, tt.args...)
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != int(tt.want) || !strings.Contains(string(out), tt.says) {
			t.Errorf("campus %q: exit %d, want %d: %s", tt.args, got, tt.want, out)
		}
	}
}

func TestConfig(t *testing.T) {
	var out bytes.Buffer
	if err := dispatch(t.Context(), []string{"config", "--date", "2026-03-02", "--url", "http://127.0.0.1:9"}, &out, &out); err != nil {
		t.Fatal(err)
	}
	var block struct{ CANVAS map[string]any }
	if err := json.Unmarshal(out.Bytes(), &block); err != nil || block.CANVAS["API_BASE_URL"] != "http://127.0.0.1:9/um" {
		t.Errorf("%v: %s", err, out.String())
	}
}
