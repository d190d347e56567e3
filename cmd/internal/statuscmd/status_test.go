package statuscmd

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

var update = flag.Bool("update", false, "write the goldens")

var now = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

// put writes a manifest to where the lake has it; its files are never looked at.
func put(t testing.TB, dir string, m lake.Manifest) lake.Snapshot {
	t.Helper()
	m.FormatVersion, m.Number, m.Run = lake.FormatVersion, max(m.Number, 1), lake.NewRunID(m.Date.Time())
	m.Columns = []lake.Column{{Name: "id", Type: lake.BigInt}}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	key := fmt.Sprintf("%s/dt=%s/_manifest-%06d.json", m.Table, m.Date, m.Number)
	write(t, filepath.Join(dir, key), data)
	return lake.Snapshot{Manifest: m, Path: key}
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func rows(n int64) []lake.File { return []lake.File{{Path: "x", Rows: n}} }

func day(n int) lake.Date { return lake.DateOf(now).AddDays(n) }

func putRun(t testing.TB, dir string, r lake.Run) {
	t.Helper()
	r.ID = lake.NewRunID(r.StartedAt)
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "_runs", string(r.ID)+".json"), data)
}

func env(jobs ...string) *run.Env {
	selected, err := job.Select(jobs)
	if err != nil {
		panic(err)
	}
	return &run.Env{
		Config: &config.Config{Quality: config.Quality{MaxDrop: 0.2}}, Jobs: selected, Today: lake.DateOf(now), Now: func() time.Time { return now },
		Log: slog.New(slog.DiscardHandler), Out: io.Discard,
	}
}

func open(t testing.TB, dir string) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// troubled is a lake with a bit of everything that status tells of.
func troubled(t *testing.T) *Status {
	dir := t.TempDir()
	for _, table := range []string{"term", "account", "course", "course_audit_event", "course_activity", "enrollment"} {
		put(t, dir, lake.Manifest{Table: lake.Raw("canvas", table), Date: day(0), Files: rows(1200), SourceAsOf: now.Add(-5 * time.Hour)})
	}
	put(t, dir, lake.Manifest{Table: lake.Raw("udw", "course_section_dim"), Date: day(-4), Files: rows(40), SourceAsOf: now.Add(-101 * time.Hour),
		Drift: []lake.Drift{{Of: "source", Name: "le_code", Change: "added", To: "text"}}})
	write(t, filepath.Join(dir, "raw/udw/unizin_metadata/dt="+day(0).String()+"/_manifest-000001.json"), []byte("{"))
	for i, table := range job.All()[0].Tables[:4] {
		put(t, dir, lake.Manifest{Table: lake.Curated(table), Date: day(-1), Files: rows(1000), SourceAsOf: now.Add(-29 * time.Hour)})
		m := lake.Manifest{Table: lake.Curated(table), Date: day(0), Files: rows(1000 - 17*int64(i)), SourceAsOf: now.Add(-5 * time.Hour)}
		if table == "course" {
			m.Checks = []lake.Check{{Name: "key_unique", Passed: true}, {Name: "rows_rejected", Warning: true, Rows: 3, Detail: "rows stand in curated/course__rejected", Examples: []string{"id=7"}}}
		}
		put(t, dir, m)
	}
	put(t, dir, lake.Manifest{Table: lake.Curated("enrollment"), Date: day(-1), Files: rows(1234567), SourceAsOf: now.Add(-29 * time.Hour)})
	record := lake.Run{Stage: "extract-canvas", Jobs: []string{"COURSE_INVENTORY"}, Date: day(0), Status: lake.Succeeded, StartedAt: now.Add(-5 * time.Hour),
		FinishedAt: now.Add(-5*time.Hour + 312*time.Second), Requests: &lake.Requests{Total: 3739, Quota: &lake.Quota{Least: 120.4, Most: 599.5, AtOnce: 12}}}
	putRun(t, dir, record)
	record.Stage, record.Status, record.StartedAt, record.FinishedAt, record.Requests = "extract-udw", lake.Running, now.Add(-30*time.Hour), time.Time{}, nil
	putRun(t, dir, record)
	record.Stage, record.Status, record.StartedAt, record.FinishedAt = "transform", lake.Failed, now.Add(-2*time.Hour), now.Add(-2*time.Hour+time.Minute)
	record.Error, record.Remedy, record.ExitCode = "quality gates of 2026-03-04: 1 failed\nand nothing was committed", "raise QUALITY.max_drop", 65
	putRun(t, dir, record)
	record.StartedAt, record.Status, record.Error = now.Add(-26*time.Hour), lake.Succeeded, ""
	putRun(t, dir, record) // an older one of the same stage

	l := open(t, dir)
	s, err := look(t.Context(), env("COURSE_INVENTORY"), l)
	if err != nil {
		t.Fatal(err)
	}
	s.Lake = "file:///lake"
	s.MySQL = MySQL{Server: "db:3306"}
	course, err := l.Find(t.Context(), lake.Curated("course"), day(0))
	if err != nil {
		t.Fatal(err)
	}
	s.compare(t.Context(), l, []load.Holding{
		{Table: "course", Date: day(0), SHA256: course.SHA256, Manifest: course.Path, Rows: 1},
		{Table: "term", Date: day(-1), SHA256: "other", Manifest: "curated/term/dt=2026-03-03/_manifest-000001.json", LoadedAt: now.Add(-28 * time.Hour)},
	})
	s.judge(36 * time.Hour)
	return s
}

func TestText(t *testing.T) {
	s := troubled(t)
	for _, width := range []int{0, 60} {
		var out bytes.Buffer
		if err := s.print(&out, width, false); err != nil {
			t.Fatal(err)
		}
		golden(t, fmt.Sprintf("testdata/status-%d.txt", width), out.Bytes())
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); width > 0 && n > width && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("a line of %d characters: %s", n, line)
			}
		}
	}
}

func TestColours(t *testing.T) {
	s := troubled(t)
	var out bytes.Buffer
	if err := s.print(&out, 0, true); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "raw/udw/course_section_dim  2026-02-28") && !strings.HasPrefix(line, string(run.Bad)) {
			t.Errorf("a late table has no colour: %q", line)
		}
	}
}

func TestJSON(t *testing.T) {
	s := troubled(t)
	for i := range s.Jobs { // random
		for n := range s.Jobs[i].Tables {
			s.Jobs[i].Tables[n].Run = ""
		}
		for n := range s.Jobs[i].Runs {
			s.Jobs[i].Runs[n].ID = ""
		}
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("id=7")) {
		t.Error("it shows rows")
	}
	golden(t, "testdata/status.json", data)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		write(t, name, got)
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestStale(t *testing.T) {
	for age, want := range map[time.Duration]int{0: 0, time.Hour: 20, 36 * time.Hour: 7, 2000 * time.Hour: 6} {
		s := troubled(t)
		s.Stale = nil
		s.judge(age)
		if len(s.Stale) != want {
			t.Errorf("%s: %d stale, want %d: %v", age, len(s.Stale), want, s.Stale)
		}
	}
}

// TestMySQLDown is a status without a database: it says so and tells the rest.
func TestMySQLDown(t *testing.T) {
	e := env("MIVIDEO")
	e.Config.InventoryDB = config.Database{Host: "127.0.0.1", Port: 1, Name: "d", User: "u", Password: "hush"}
	e.Config.MIVideo = config.MIVideo{}
	s, err := look(t.Context(), e, open(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.print(&out, 80, false); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "cannot be asked") || strings.Contains(text, "hush") || !strings.Contains(text, "curated/mivideo_media_created") {
		t.Errorf("got\n%s", text)
	}
}

// BenchmarkStatus looks at 20 tables of 1,000 dates and 4,000 runs on disk.
func BenchmarkStatus(b *testing.B) {
	dir := b.TempDir()
	e := env(job.Names()...)
	for _, j := range e.Jobs {
		tables, err := tablesOf(e, j)
		if err != nil {
			b.Fatal(err)
		}
		for _, t := range slices.Compact(tables) {
			for d := range 1000 {
				put(b, dir, lake.Manifest{Table: t, Date: day(-d), Files: rows(int64(d)), SourceAsOf: day(-d).Time()})
			}
		}
	}
	for i := range 4000 {
		putRun(b, dir, lake.Run{Stage: "transform", Status: lake.Succeeded, Jobs: []string{"MIVIDEO"}, Date: day(-i / 4), StartedAt: day(-i / 4).Time()})
	}
	l := open(b, dir)
	for b.Loop() {
		s, err := look(b.Context(), e, l)
		if err != nil {
			b.Fatal(err)
		}
		s.judge(defaultMaxAge)
	}
}

// TestLost looks at tables that lost rows: each is a note, whether its manifest tells of it or not.
func TestLost(t *testing.T) {
	for name, test := range map[string]struct {
		rows   int64
		checks []lake.Check
		want   string
	}{
		"unchanged": {rows: 354},
		"within":    {rows: 284},
		"unnoticed": {rows: 0, want: "- raw/udw/course_section_dim 2026-03-04: gate row_count: 0 rows, 354 on 2026-03-03; at least 284 expected\n"},
		"passed then": {rows: 0, checks: []lake.Check{{Name: "row_count", Passed: true, Detail: "0 rows"}},
			want: "gate row_count: 0 rows, 354 on 2026-03-03"},
		"accepted": {rows: 9, checks: []lake.Check{{Name: "row_count", Warning: true, Detail: "9 rows; accepted by --accept-drop"}},
			want: "gate row_count: 9 rows; accepted by --accept-drop\n"},
		"values": {rows: 354, checks: []lake.Check{{Name: "filled_sis_source_id", Warning: true, Detail: "none; accepted by --accept-drop"}},
			want: "gate filled_sis_source_id: none; accepted by --accept-drop\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, table := t.TempDir(), lake.Raw("udw", "course_section_dim")
			put(t, dir, lake.Manifest{Table: table, Date: day(-1), Files: rows(354)})
			put(t, dir, lake.Manifest{Table: table, Date: day(0), Files: rows(test.rows), Checks: test.checks})
			s, err := look(t.Context(), env("COURSE_INVENTORY"), open(t, dir))
			if err != nil {
				t.Fatal(err)
			}
			s.judge(0)
			var out bytes.Buffer
			if err := s.print(&out, 0, false); err != nil {
				t.Fatal(err)
			}
			notes := strings.Count(out.String(), "gate ")
			if !strings.Contains(out.String(), test.want) || notes != min(1, len(test.want)) {
				t.Errorf("%d notes, want %q\n%s", notes, test.want, &out)
			}
			if ok := strings.Contains(out.String(), "  ok"); ok != (test.want == "") {
				t.Errorf("the table's gates are ok: %v\n%s", ok, &out)
			}
		})
	}
}
