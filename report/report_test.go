package report_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/report"
)

var (
	update = flag.Bool("update", false, "rewrite the golden")
	write  = flag.String("write", "", "write the page of the large lake to this file")
)

func makePage(t *testing.T, l *lake.Lake) string {
	t.Helper()
	return makePageWith(t, l, nil)
}

func makePageWith(t *testing.T, l *lake.Lake, held *report.MySQL) string {
	t.Helper()
	page, err := report.Make(t.Context(), l, report.Options{Jobs: job.All(), Now: now, Version: "1.0", MySQL: held})
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, string(page))
	return string(page)
}

// wellFormed checks that every element ends where it should, that ids are unique and references lead somewhere, and
// that the page asks no network and runs no script.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	ids, references := map[string]bool{}, []string{}
	var open []string
	for z.Next() != html.ErrorToken {
		token := z.Token()
		switch token.Type {
		case html.StartTagToken:
			if token.Data != "meta" && token.Data != "br" && token.Data != "wbr" {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> ends none of %v", token.Data, open)
			}
			open = open[:len(open)-1]
		}
		for _, a := range token.Attr {
			switch a.Key {
			case "id":
				if ids[a.Val] {
					t.Errorf("two elements have the id %s", a.Val)
				}
				ids[a.Val] = true
			case "aria-labelledby":
				references = append(references, a.Val)
			case "href":
				references = append(references, strings.TrimPrefix(a.Val, "#"))
			case "src", "action", "style", "onclick":
				t.Errorf("<%s> has %s", token.Data, a.Key)
			}
		}
	}
	if err := z.Err(); !errors.Is(err, io.EOF) || len(open) > 0 {
		t.Errorf("%v, and %v are not ended", err, open)
	}
	for _, r := range references {
		if !ids[r] {
			t.Errorf("nothing has the id %q", r)
		}
	}
	for _, never := range []string{"<script", "http:", "https:", "@import", "url("} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
}

// TestSixtyDays has all kinds of things to tell of.
func TestSixtyDays(t *testing.T) {
	l := openLake(t)
	fill(t, l, 60)
	page := makePage(t, l)
	if n := len(page); n > 1_000_000 {
		t.Errorf("the page has %d bytes", n)
	}
	t.Logf("%d bytes", len(page))
	if *write != "" {
		if err := os.WriteFile(*write, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "sixty-days", page)
}

// TestEmptyLake has nothing at all.
func TestEmptyLake(t *testing.T) {
	page := makePage(t, openLake(t))
	for _, want := range []string{"Nothing has run yet", "No run is recorded", "No load is recorded", "Nothing changed", "no curated table"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
}

// TestTroubles are the last runs that did not succeed, told above the tables and outside of all that scrolls sideways.
func TestTroubles(t *testing.T) {
	l := openLake(t)
	for _, j := range job.All() {
		for _, name := range j.Tables {
			put(t, l, snapshot{table: lake.Curated(name), date: today, rows: 1})
		}
	}
	for i, r := range []lake.Run{
		{Stage: "load", Jobs: []string{"COURSE_INVENTORY", "MIVIDEO"}, Status: lake.Failed, Error: "mended for both later"},
		{Stage: "load", Jobs: []string{"COURSE_INVENTORY"}, Status: lake.Succeeded},
		{Stage: "load", Jobs: []string{"MIVIDEO"}, Status: lake.Succeeded},
		{Stage: "load", Jobs: []string{"CANVAS_LTI"}, Status: lake.Failed, ExitCode: 69, Error: "no answer from MySQL", Remedy: "start it"},
		{Stage: "transform", Jobs: []string{"MIVIDEO", "CANVAS_LTI"}, Date: today, Status: lake.Killed, Error: "mended for one"},
		{Stage: "transform", Jobs: []string{"MIVIDEO"}, Status: lake.Succeeded},
		{Stage: "extract-udp", Jobs: []string{"MIVIDEO"}, Status: lake.Interrupted, Error: strings.Repeat("long ", 1000) + "end"},
		{Stage: "extract-udp", Jobs: []string{"MIVIDEO"}, Status: lake.Running, SeenAt: now},
		{Stage: "extract-zoom", Jobs: []string{"GONE"}, Status: lake.Failed, Error: "of no configured job"},
	} {
		r.StartedAt = now.Add(time.Duration(i-20) * time.Minute)
		putRun(t, l, r)
	}
	page := makePage(t, l)
	if want := `<p class="verdict late">All 11 tables are fresh. 3 stages did not succeed when they last ran.</p>`; !strings.Contains(page, want) {
		t.Errorf("the page does not say %s", want)
	}
	_, told, _ := strings.Cut(page, `<section aria-labelledby="troubles">`)
	told, _, _ = strings.Cut(told, "</section>")
	for _, want := range []string{"failed with exit status 69", "no answer from MySQL", "start it", "<strong>transform</strong> of CANVAS_LTI for", "was killed", "mended for one", "was interrupted", "<summary>long ", "long end"} {
		if !strings.Contains(told, want) {
			t.Errorf("the troubles lack %q:\n%s", want, told)
		}
	}
	for _, never := range []string{"<table", `"wide"`, "mended for both", "of no configured job", "running"} {
		if strings.Contains(told, never) {
			t.Errorf("the troubles have %q:\n%s", never, told)
		}
	}
}

// TestHostileTexts has texts that would be HTML, were they not escaped.
func TestHostileTexts(t *testing.T) {
	l := openLake(t)
	const evil = `"><script>alert('x')</script><b onclick="y">`
	put(t, l, snapshot{table: lake.Curated("course"), date: today, rows: 1, change: func(m *lake.Manifest) {
		m.Checks = []lake.Check{{Name: evil, Warning: true, Detail: evil, Rows: 1}}
		m.Drift = []lake.Drift{{Of: evil, Name: evil, Change: evil, From: evil, To: evil}}
	}})
	putRun(t, l, lake.Run{Stage: "extract-" + evil, Jobs: []string{evil}, Status: lake.Failed, Date: today, StartedAt: now, FinishedAt: now, Error: evil, Remedy: evil,
		Requests: &lake.Requests{Total: 1}, Tables: []lake.Done{{Table: evil}}})
	page := makePage(t, l)
	if strings.Contains(page, "<script") || strings.Contains(page, "<b onclick") {
		t.Error("a text became an element")
	}
}

// TestDamagedManifest is told of, and the rest is shown.
func TestDamagedManifest(t *testing.T) {
	dir := t.TempDir()
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	bad := put(t, l, snapshot{table: lake.Curated("course"), date: today, rows: 1})
	put(t, l, snapshot{table: lake.Curated("term"), date: today, rows: 1})
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(bad.Path)), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	putRun(t, l, lake.Run{Stage: "load", Status: lake.Succeeded, StartedAt: now, FinishedAt: now})
	if err := os.WriteFile(filepath.Join(dir, "_runs", "01KJQF0M00000000000000000A.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	page := makePage(t, l)
	if !strings.Contains(page, bad.Path) || !strings.Contains(page, `<th scope="row">term</th><td class="state ok">ok</td>`) {
		t.Error("the page does not tell of the manifest, or lacks the other table")
	}
}

// TestInMySQL tells what MySQL says that it holds, whatever the records of runs say.
func TestInMySQL(t *testing.T) {
	l := openLake(t)
	yesterday := today.AddDays(-1)
	held := &report.MySQL{Server: "db:3306", Newest: map[string]report.Loaded{}}
	for _, j := range job.All() {
		for _, name := range j.Tables {
			put(t, l, snapshot{table: lake.Curated(name), date: yesterday, rows: 1})
			s := put(t, l, snapshot{table: lake.Curated(name), date: today, rows: 1})
			held.Newest[name] = report.Loaded{Table: s.Table, Date: s.Date, SHA256: s.SHA256}
		}
	}
	// A load of a range records the dates in their order.
	putRun(t, l, lake.Run{Stage: "load", Jobs: []string{"COURSE_INVENTORY"}, Status: lake.Succeeded, StartedAt: now, FinishedAt: now,
		Tables: []lake.Done{{Table: "course", Date: yesterday}, {Table: "course", Date: today}}})
	page := makePageWith(t, l, held)
	if !strings.Contains(page, `<p class="verdict ok">All 11 tables are fresh.</p>`) || strings.Contains(page, "behind") {
		t.Error("MySQL holds everything, and the page says otherwise")
	}

	held.Newest["course"] = report.Loaded{Table: lake.Curated("course"), Date: yesterday, SHA256: "of yesterday"}
	held.Newest["term"] = report.Loaded{Table: lake.Curated("term"), Date: today, SHA256: "of an earlier snapshot"}
	delete(held.Newest, "account")
	page = makePageWith(t, l, held)
	for _, want := range []string{
		`<p class="verdict late">All 11 tables of the lake are fresh. MySQL does not hold the newest snapshots of 3 tables.</p>`,
		`<td class="d late">2026-03-01, behind</td>`, `<td class="d late">2026-03-02, an earlier snapshot</td>`, `<td class="d late">not loaded</td>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}

	page = makePageWith(t, l, &report.MySQL{Server: "db:3306", Error: "connection refused", Remedy: "start it"})
	for _, want := range []string{"MySQL db:3306 could not be asked: connection refused", "start it", `<td class="d">not asked</td>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// TestIntervals are compared by their rows per day: the first one of a table holds years.
func TestIntervals(t *testing.T) {
	l := openLake(t)
	to := today.AddDays(-1).Time()
	put(t, l, snapshot{table: lake.Curated("mivideo_media_created"), date: today.AddDays(-1), rows: 1000, change: func(m *lake.Manifest) {
		m.Interval = &lake.Interval{From: to.AddDate(0, 0, -100), To: to}
	}})
	put(t, l, snapshot{table: lake.Curated("mivideo_media_created"), date: today, rows: 12, change: func(m *lake.Manifest) {
		m.Interval = &lake.Interval{From: to, To: today.Time()}
	}})
	const want = "rows per day of mivideo_media_created: 10 on 2026-03-01, 12 on 2026-03-02; lowest 10, highest 12"
	if page := makePage(t, l); !strings.Contains(page, want) {
		t.Errorf("the page lacks %q", want)
	}
}

// TestStates has a table of each state.
func TestStates(t *testing.T) {
	for _, c := range []struct {
		age  time.Duration
		want string
	}{{report.MaxAge, "ok"}, {report.MaxAge + time.Minute, "late"}, {-time.Hour, "ok"}} {
		l := openLake(t)
		put(t, l, snapshot{table: lake.Curated("course"), date: today, rows: 1, change: func(m *lake.Manifest) { m.SourceAsOf = now.Add(-c.age) }})
		if want := fmt.Sprintf(`<th scope="row">course</th><td class="state %s">%[1]s</td>`, c.want); !strings.Contains(makePage(t, l), want) {
			t.Errorf("with an age of %v the table is not %s", c.age, c.want)
		}
	}
}

func golden(t *testing.T, name, page string) {
	t.Helper()
	page = regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<td class="n">[0-9.]+ k?B</td>`).ReplaceAllString(page, `<td class="n">SIZE</td>`) // compressed sizes may differ
	path := filepath.Join("testdata", name+".html")
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(page, "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
