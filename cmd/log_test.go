package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// TestLog reads the JSON log of all jobs of a night, a failing stage included, as a log collector does: each line is one object without
// doubled keys, and the lines of a stage can be found by the same keys everywhere.
func TestLog(t *testing.T) {
	w := &world{t: t}
	if err := w.setup(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.config["JOB_NAMES"] = []string{"COURSE_INVENTORY", "MIVIDEO", "CANVAS_LTI"}
	if err := w.start(campus.Options{Seed: 3, Courses: 20, Date: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}, true); err != nil {
		t.Fatal(err)
	}
	media, ok := w.config["MIVIDEO"].(map[string]any)
	if !ok {
		t.Fatal("no MIVIDEO to configure")
	}
	media["kaltura_user_secret"] = "wrong-secret"
	if err := w.writeConfig(); err != nil {
		t.Fatal(err)
	}
	cmd, _ := w.command(t, "course-inventory", "run", "--log-format", "json", "--log-level", "debug", "--progress", "always")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err == nil {
		t.Error("the night did not fail")
	}
	if !strings.Contains(out.String(), "extract-zoom") || strings.Contains(out.String(), "{") {
		t.Errorf("results on standard output:\n%s", out.String())
	}
	// Bars are redrawn between the lines: what a terminal is told of them goes.
	text := regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]|\r`).ReplaceAllString(log.String(), "")
	stages := map[string]bool{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.Contains(line, "{") {
			checkLine(t, line, stages)
		}
	}
	for _, stage := range []string{"extract-canvas", "extract-udw", "extract-udp", "extract-kaltura", "extract-zoom", "transform", "load"} {
		if !stages[stage] {
			t.Errorf("no line of stage %s", stage)
		}
	}
}

// outside are the messages that belong to no stage.
var outside = []string{
	"the clock is simulated", "odd configuration", "the job failed", "failed", "the catalog is up to date",
}

func checkLine(t *testing.T, line string, stages map[string]bool) {
	t.Helper()
	keys, values, err := object(line)
	if err != nil {
		t.Errorf("a line is no object: %v\n%q", err, line)
		return
	}
	for i, k := range keys {
		if slices.Contains(keys[:i], k) {
			t.Errorf("key %s stands twice: %s", k, line)
		}
		if slices.Contains([]string{"date", "set", "run", "job_name", "table_name", "err", "duration"}, k) {
			t.Errorf("key %s has another name elsewhere: %s", k, line)
		}
	}
	need := []string{"time", "level", "msg"}
	if msg, _ := values["msg"].(string); !slices.Contains(outside, msg) {
		need = append(need, "job", "stage", "run_id")
	}
	stage, _ := values["stage"].(string)
	stages[stage] = true
	if strings.HasPrefix(stage, "extract-") {
		need = append(need, "source")
	}
	for _, k := range need {
		if values[k] == nil {
			t.Errorf("key %s is missing: %s", k, line)
		}
	}
}

// object returns the keys of an object in their order, doubled ones included, and its values.
func object(line string) (keys []string, values map[string]any, err error) {
	if err := json.Unmarshal([]byte(line), &values); err != nil {
		return nil, nil, err
	}
	d := json.NewDecoder(strings.NewReader(line))
	depth, key := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return keys, values, nil
		}
		if err != nil {
			return nil, nil, err
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
				key = depth == 1
			} else {
				depth--
				key = depth == 1
			}
		case string:
			if depth == 1 && key {
				keys = append(keys, v)
				key = false
				continue
			}
			key = depth == 1
		default:
			key = depth == 1
		}
	}
}
