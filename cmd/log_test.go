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
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestLog reads the JSON log of all jobs of a night, a failing stage included, as a log collector does: each line is one object without
// doubled keys, and the lines of a stage can be found by the same keys everywhere.
func TestLog(t *testing.T) {
	t.Parallel()
	w := &world{t: t}
	if err := w.setup(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.config["JOB_NAMES"] = []string{"COURSE_INVENTORY", "MIVIDEO", "CANVAS_LTI"}
	if err := w.start(campus.Options{Seed: 3, Courses: 20, Date: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}, true); err != nil {
		t.Fatal(err)
	}
	w.seedDrift(t)
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
	for _, what := range []string{
		"extract-canvas", "extract-udw", "extract-udp", "extract-kaltura", "extract-zoom", "transform", "load",
		"extract-canvas table", "transform table", "load table", "relation",
	} {
		if !stages[what] {
			t.Errorf("no line of %s", what)
		}
	}
}

// seedDrift leaves a snapshot of the day before, whose source had other fields.
func (w *world) seedDrift(t *testing.T) {
	t.Helper()
	l, err := lake.Open(t.Context(), w.config["LAKE"].(map[string]any)["url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	day := lake.DateOf(w.date).AddDays(-1)
	m := lake.Manifest{Table: lake.Raw("canvas", "account"), Date: day, Run: lake.NewRunID(day.Time()),
		Columns: []lake.Column{{Name: "id", Type: lake.BigInt}}, SourceFields: []lake.Field{{Name: "gone"}}}
	if _, err := l.Commit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// tables are the names that the lines of a stage may have as table.
func tables(stage string) (names []string) {
	for _, j := range job.All() {
		for _, s := range j.Sources {
			if stage == "extract-"+s.Name {
				names = append(names, s.Tables...)
			}
		}
		if stage == "transform" || stage == "load" {
			names = append(names, j.Tables...)
		}
	}
	return names
}

// outside are the messages that belong to no stage.
var outside = []string{
	"the clock is simulated", "configuration warning", "the job failed", "failed", "the catalog is up to date",
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
		need = append(need, "job", "stage", "run_id", "dt")
	}
	stage, _ := values["stage"].(string)
	stages[stage] = true
	if table, ok := values["table"]; ok {
		stages[stage+" table"] = true
		if name, _ := table.(string); !slices.Contains(tables(stage), name) {
			t.Errorf("%v is no table of %s: %s", table, stage, line)
		}
	}
	if dt, ok := values["dt"]; ok && dt != "2026-03-02" {
		t.Errorf("dt is %v: %s", dt, line)
	}
	if relation, _ := values["relation"].(string); values["relation"] != nil && strings.Count(relation, ".") != 2 {
		t.Errorf("relation is %v: %s", values["relation"], line)
	}
	stages["relation"] = stages["relation"] || values["relation"] != nil
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
