package signals

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// noon of the run's day.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

type course struct {
	ID   int64  `parquet:"canvas_id" doc:"Canvas' id of the course"`
	Name string `parquet:"name" doc:"name of the course"`
}

// world is a lake with two curated tables and their raw one, and a log.
type world struct {
	lake *lake.Lake
	cfg  *config.Config
	log  bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	l, err := lake.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &world{lake: l, cfg: &config.Config{
		Canvas:      config.Canvas{URL: "https://canvas.example.edu"},
		InventoryDB: config.Database{Host: "db.example.edu", Port: 3306, Name: "inventory"},
	}}
}

func (w *world) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&w.log, nil)) }

// commit makes a snapshot of courses.
func (w *world) commit(t *testing.T, table lake.Table, id lake.RunID, rows int, change func(*lake.Manifest)) lake.Snapshot {
	t.Helper()
	day := lake.DateOf(noon)
	writer, err := lake.NewWriter[course](t.Context(), w.lake, lake.Part{Table: table, Date: day, Run: id})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := writer.Write(course{int64(i), "name"}); err != nil {
			t.Fatal(err)
		}
	}
	file, err := writer.Close()
	if err != nil {
		t.Fatal(err)
	}
	columns, err := lake.ColumnsOf[course]()
	if err != nil {
		t.Fatal(err)
	}
	m := lake.Manifest{
		Table: table, Date: day, Run: id, Files: []lake.File{file}, Columns: columns, SourceAsOf: noon.Add(-time.Hour),
		StartedAt: noon, FinishedAt: noon,
	}
	if change != nil {
		change(&m)
	}
	s, err := w.lake.Commit(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newRun returns a run that is under way.
func newRun(stage string, jobs ...string) lake.Run {
	return lake.Run{ID: lake.NewRunID(noon), Stage: stage, Jobs: jobs, Status: lake.Running, Date: lake.DateOf(noon), ToolVersion: "1.0", StartedAt: noon}
}

// ended returns the run as it was when it ended.
func ended(r lake.Run, status lake.Status) lake.Run {
	r.Status, r.FinishedAt = status, r.StartedAt.Add(90*time.Second)
	if status != lake.Succeeded {
		r.Error, r.Remedy, r.ExitCode = "server db.example.edu: it is down", "start it", 69
	}
	return r
}

// tell lets a run begin and end.
func (w *world) tell(ctx context.Context, run lake.Run, status lake.Status, change func(*lake.Run)) {
	watch := new(Teller).Begin(ctx, w.cfg, w.lake, w.logger(), run)
	run = ended(run, status)
	if change != nil {
		change(&run)
	}
	watch.End(ctx, run)
}

// inbox is a server that keeps what it is sent.
type inbox struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func newInbox(t *testing.T, status int) *inbox {
	var in inbox
	in.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		in.mu.Lock()
		defer in.mu.Unlock()
		in.requests, in.bodies = append(in.requests, r), append(in.bodies, string(body))
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(in.Close)
	return &in
}

func (in *inbox) all() ([]*http.Request, []string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.requests), slices.Clone(in.bodies)
}

// wantWarning checks that the log has one warning with these words.
func (w *world) wantWarning(t *testing.T, words ...string) {
	t.Helper()
	log := w.log.String()
	if n := strings.Count(log, "a signal was not sent"); n != 1 {
		t.Errorf("%d warnings, want one:\n%s", n, log)
	}
	for _, word := range words {
		if !strings.Contains(log, word) {
			t.Errorf("no %q in the log:\n%s", word, log)
		}
	}
	if strings.Contains(log, "hunter2") {
		t.Errorf("a secret shows:\n%s", log)
	}
}

func (w *world) wantQuiet(t *testing.T) {
	t.Helper()
	if w.log.Len() > 0 {
		t.Errorf("unexpected log:\n%s", w.log.String())
	}
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}
