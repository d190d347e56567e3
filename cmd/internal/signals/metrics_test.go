package signals

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// figuresOf parses what Prometheus would read, a line per figure.
func figuresOf(t *testing.T, text string) map[string]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	all := map[string]float64{}
	for name, family := range families {
		if family.GetType() != dto.MetricType_GAUGE || family.GetHelp() == "" {
			t.Errorf("%s is a %s with the help %q", name, family.GetType(), family.GetHelp())
		}
		for _, m := range family.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			all[strings.TrimPrefix(name, prefix)+"{"+strings.Join(labels, ",")+"}"] = m.GetGauge().GetValue()
		}
	}
	return all
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTextfile(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	w.cfg.Metrics.TextfileDir = dir
	run := newRun("transform", "COURSE_INVENTORY")
	w.commit(t, lake.Curated("course"), run.ID, 3, func(m *lake.Manifest) {
		m.Checks = []lake.Check{{Name: "key_unique", Passed: true}, {Name: "name_known", Warning: true, Rows: 1}}
	})
	w.tell(t.Context(), run, lake.Succeeded, func(r *lake.Run) {
		r.Requests = &lake.Requests{Total: 10, Retried: 2, Throttled: 1, Quota: &lake.Quota{Least: 120.5, Most: 600, AtOnce: 9}}
	})
	path := filepath.Join(dir, "course_inventory_transform_COURSE_INVENTORY.prom")
	text := readFile(t, path)
	bytes := figuresOf(t, text)["run_bytes{job_name=COURSE_INVENTORY,stage=transform}"]
	of := "{job_name=COURSE_INVENTORY,stage=transform"
	want := map[string]float64{
		"run_end_timestamp_seconds" + of + "}":                 1772452890,
		"run_success_timestamp_seconds" + of + "}":             1772452890,
		"run_duration_seconds" + of + "}":                      90,
		"run_exit_code" + of + "}":                             0,
		"run_requests" + of + "}":                              10,
		"run_requests_retried" + of + "}":                      2,
		"run_requests_refused" + of + "}":                      1,
		"run_quota_remaining_min" + of + "}":                   120.5,
		"run_rows" + of + "}":                                  3,
		"run_bytes" + of + "}":                                 bytes,
		"table_rows" + of + ",table=course}":                   3,
		"table_bytes" + of + ",table=course}":                  bytes,
		"table_gate_warnings" + of + ",table=course}":          1,
		"table_data_timestamp_seconds" + of + ",table=course}": 1772449200,
	}
	if diff := cmp.Diff(want, figuresOf(t, text)); diff != "" || bytes == 0 {
		t.Errorf("(-want +got)\n%s", diff)
	}

	// A run that fails leaves what the last successful one told.
	later := newRun("transform", "COURSE_INVENTORY")
	later.StartedAt = noon.AddDate(0, 0, 1)
	w.tell(t.Context(), later, lake.Failed, nil)
	want["run_end_timestamp_seconds"+of+"}"] += 24 * 3600
	want["run_exit_code"+of+"}"] = 69
	for _, figure := range []string{"run_requests", "run_requests_retried", "run_requests_refused"} {
		want[figure+of+"}"] = 0
	}
	if diff := cmp.Diff(want, figuresOf(t, readFile(t, path))); diff != "" {
		t.Errorf("after a failure (-want +got)\n%s", diff)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v: want one file", entries, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v: the collector must be able to read it", info.Mode(), err)
	}
	w.wantQuiet(t)
}

// TestDocumented holds the figures against docs/monitoring.md.
func TestDocumented(t *testing.T) {
	run := ended(newRun("load", "MIVIDEO"), lake.Succeeded)
	run.Requests = &lake.Requests{Quota: new(lake.Quota)}
	told, err := figures(nil, run, []table{{name: "x", asOf: noon, changes: new(lake.Changes)}}).Gather()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, family := range told {
		names = append(names, family.GetName())
	}
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `("+prefix+"[a-z_]+)` \\|").FindAllStringSubmatch(readFile(t, "../../../docs/monitoring.md"), -1) {
		documented = append(documented, m[1])
	}
	slices.Sort(documented)
	if diff := cmp.Diff(names, documented); diff != "" {
		t.Errorf("docs/monitoring.md (-figures +page)\n%s", diff)
	}
}

func TestTextfileTrouble(t *testing.T) {
	t.Run("torn file", func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Metrics.TextfileDir = t.TempDir()
		path := filepath.Join(w.cfg.Metrics.TextfileDir, "course_inventory_load_MIVIDEO.prom")
		if err := os.WriteFile(path, []byte("course_inventory_run_rows{ 7"), 0o644); err != nil {
			t.Fatal(err)
		}
		w.tell(t.Context(), newRun("load", "MIVIDEO"), lake.Succeeded, nil)
		if got := figuresOf(t, readFile(t, path)); len(got) == 0 {
			t.Error("no figures")
		}
		w.wantQuiet(t)
	})
	t.Run("no directory", func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Metrics.TextfileDir = filepath.Join(t.TempDir(), "absent")
		w.tell(t.Context(), newRun("load", "MIVIDEO"), lake.Succeeded, nil)
		w.wantWarning(t, "METRICS.textfile_dir", "absent")
	})
}

// TestLoadFigures has two dates of a table in one load, which worked for two jobs.
func TestLoadFigures(t *testing.T) {
	w := newWorld(t)
	w.cfg.Metrics.TextfileDir = t.TempDir()
	run := newRun("load", "COURSE_INVENTORY", "MIVIDEO")
	w.commit(t, lake.Curated("course"), run.ID, 3, nil)
	w.commit(t, lake.Curated("term"), run.ID, 3, nil) // not loaded
	w.tell(t.Context(), run, lake.Succeeded, func(r *lake.Run) {
		r.Tables = []lake.Done{
			{Table: "course", Date: r.Date.AddDays(-1), Rows: 2, Changes: &lake.Changes{Inserted: 2}},
			{Table: "course", Date: r.Date, Rows: 3, Changes: &lake.Changes{Inserted: 1, Updated: 1, Deleted: 4}},
		}
	})
	got := figuresOf(t, readFile(t, filepath.Join(w.cfg.Metrics.TextfileDir, "course_inventory_load_COURSE_INVENTORY.prom")))
	for _, c := range []struct {
		change string
		want   float64
	}{{"inserted", 3}, {"updated", 1}, {"deleted", 4}} {
		name := fmt.Sprintf("table_rows_changed{change=%s,job_name=COURSE_INVENTORY,stage=load,table=course}", c.change)
		if got[name] != c.want {
			t.Errorf("%s is %v, want %v", name, got[name], c.want)
		}
	}
	for name := range got {
		if strings.Contains(name, "table=term") {
			t.Errorf("%s was not loaded", name)
		}
	}
	if got := figuresOf(t, readFile(t, filepath.Join(w.cfg.Metrics.TextfileDir, "course_inventory_load_MIVIDEO.prom"))); got["run_rows{job_name=MIVIDEO,stage=load}"] != 0 {
		t.Errorf("got %v", got)
	}
}

func TestPushgateway(t *testing.T) {
	w := newWorld(t)
	gateway := newInbox(t, http.StatusOK)
	w.cfg.Metrics.Pushgateway = gateway.URL
	w.tell(t.Context(), newRun("extract-udp", "MIVIDEO"), lake.Succeeded, nil)
	w.tell(t.Context(), newRun("extract-udp", "MIVIDEO"), lake.Interrupted, nil)
	w.wantQuiet(t)
	requests, bodies := gateway.all()
	if len(requests) != 2 {
		t.Fatalf("%d requests", len(requests))
	}
	for i, r := range requests {
		// POST adds; PUT would take away the last success.
		places := []string{"/metrics/job/course-inventory/stage/extract-udp/job_name/MIVIDEO", "/metrics/job/course-inventory/job_name/MIVIDEO/stage/extract-udp"}
		if r.Method != http.MethodPost || !slices.Contains(places, r.URL.Path) {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		names := slices.Sorted(maps.Keys(figuresOf(t, asText(t, r, bodies[i]))))
		if got := slices.Contains(names, "run_success_timestamp_seconds{}"); got != (i == 0) {
			t.Errorf("request %d tells of a success: %v", i, got)
		}
	}
}

// asText decodes what the client sends, which is not the text format.
func asText(t *testing.T, r *http.Request, body string) string {
	t.Helper()
	d := expfmt.NewDecoder(strings.NewReader(body), expfmt.ResponseFormat(r.Header))
	var text strings.Builder
	for {
		var family dto.MetricFamily
		if err := d.Decode(&family); err != nil {
			return text.String()
		}
		if _, err := expfmt.MetricFamilyToText(&text, &family); err != nil {
			t.Fatal(err)
		}
	}
}
