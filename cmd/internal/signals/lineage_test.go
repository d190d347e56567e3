package signals

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var update = flag.Bool("update", false, "rewrite the goldens")

// TestLineage tells of one run of each kind of stage, and of one that failed. The goldens are proved against the published
// schema by `make test-clients`.
func TestLineage(t *testing.T) {
	raw, curated := lake.Raw("canvas", "course"), lake.Curated("course")
	const (
		first  = lake.RunID("01KJQF0M00000000000000000A")
		second = lake.RunID("01KJQF0M00000000000000000B")
		third  = lake.RunID("01KJQF0M00000000000000000C")
		fourth = lake.RunID("01KJQF0M00000000000000000D")
	)
	w := newWorld(t)
	endpoint := newInbox(t, http.StatusCreated)
	w.cfg.Lineage.Lake, w.cfg.Lineage.URL, w.cfg.Lineage.APIKey = true, endpoint.URL+"/api/v1/lineage", "hunter2"
	of := func(id lake.RunID, stage string) lake.Run {
		r := newRun(stage, "COURSE_INVENTORY")
		r.ID = id
		return r
	}
	source := w.commit(t, raw, first, 3, func(m *lake.Manifest) {
		m.SourceFields = []lake.Field{{Name: "id", Types: []string{"integer"}}, {Name: "uuid", Types: []string{"null", "string"}}}
	})
	w.tell(t.Context(), of(first, "extract-canvas"), lake.Succeeded, func(r *lake.Run) { r.Manifests = []string{source.Path} })
	made := w.commit(t, curated, second, 2, func(m *lake.Manifest) { m.Inputs = []lake.Input{{Path: source.Path, SHA256: source.SHA256}} })
	w.tell(t.Context(), of(second, "transform"), lake.Succeeded, func(r *lake.Run) { r.Manifests = []string{made.Path} })
	w.tell(t.Context(), of(third, "load"), lake.Succeeded, func(r *lake.Run) {
		r.Tables = []lake.Done{{Table: "course", Date: r.Date, Rows: 2, Changes: &lake.Changes{Inserted: 2}}}
	})
	w.tell(t.Context(), of(fourth, "load"), lake.Failed, nil)
	w.wantQuiet(t)

	var all strings.Builder
	for _, id := range []lake.RunID{first, second, third, fourth} {
		events, err := w.lake.Lineage(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(events)
	}
	requests, bodies := endpoint.all()
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(all.String()), "\n"), bodies); diff != "" {
		t.Errorf("the endpoint got others than the lake keeps (-lake +endpoint)\n%s", diff)
	}
	for _, r := range requests {
		if r.Method != http.MethodPost || r.URL.Path != "/api/v1/lineage" || r.Header.Get("Authorization") != "Bearer hunter2" {
			t.Errorf("%s %s %s", r.Method, r.URL.Path, r.Header.Get("Authorization"))
		}
	}
	golden := filepath.Join("testdata", "lineage.ndjson")
	got := regexp.MustCompile(`"size":[0-9]+`).ReplaceAllString(all.String(), `"size":1`)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(readFile(t, golden), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	transitions := map[string][]string{}
	for line := range strings.Lines(got) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		transitions[e.Run.RunID] = append(transitions[e.Run.RunID], e.EventType)
	}
	want := map[string][]string{
		uuid(first): {start, complete}, uuid(second): {start, complete}, uuid(third): {start, complete}, uuid(fourth): {start, fail},
	}
	if diff := cmp.Diff(want, transitions); diff != "" {
		t.Errorf("transitions (-want +got)\n%s", diff)
	}
}

// TestInterrupted tells of a run that was stopped, whose context has been cancelled by then.
func TestInterrupted(t *testing.T) {
	w := newWorld(t)
	endpoint := newInbox(t, http.StatusOK)
	w.cfg.Lineage.URL, w.cfg.Lineage.Lake, w.cfg.Metrics.TextfileDir = endpoint.URL, true, t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	run := newRun("extract-udp", "MIVIDEO")
	watch := new(Teller).Begin(ctx, w.cfg, w.lake, w.logger(), run)
	cancel()
	watch.End(ctx, ended(run, lake.Interrupted))
	w.wantQuiet(t)
	_, bodies := endpoint.all()
	if len(bodies) != 2 || !strings.Contains(bodies[1], `"eventType":"ABORT"`) {
		t.Errorf("sent %q", bodies)
	}
}

func TestLineageOff(t *testing.T) {
	w := newWorld(t)
	run := newRun("load", "MIVIDEO")
	w.tell(t.Context(), run, lake.Succeeded, nil)
	if _, err := w.lake.Lineage(t.Context(), run.ID); err == nil {
		t.Error("there are events")
	}
	w.wantQuiet(t)
}

// TestLineageOfGoneSnapshot has a manifest that is no more: the event is sent all the same.
func TestLineageOfGoneSnapshot(t *testing.T) {
	w := newWorld(t)
	w.cfg.Lineage.Lake = true
	run := newRun("transform", "MIVIDEO")
	w.tell(t.Context(), run, lake.Succeeded, func(r *lake.Run) {
		r.Manifests = []string{"curated/course/dt=2026-03-02/_manifest-000007.json"}
	})
	w.wantWarning(t, "lineage", "_manifest-000007.json")
	events, err := w.lake.Lineage(t.Context(), run.ID)
	if err != nil || !strings.Contains(string(events), complete) {
		t.Errorf("%v in\n%s", err, events)
	}
}

func TestUUID(t *testing.T) {
	const id = "01KJQF0M00000000000000000A"
	text := uuid(id)
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(text) {
		t.Errorf("%s is no UUID", text)
	}
	var e event
	if e.Run.RunID = text; idOf(e) != id {
		t.Errorf("%s is %s backwards", text, idOf(e))
	}
}
