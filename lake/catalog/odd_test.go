package catalog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
)

// TestOddLakes shows what can be shown.
func TestOddLakes(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir)
	rebuild(t, l) // of nothing
	d := openDuck(t, l)
	d.want(t, "SELECT count(*) FROM lake.snapshots", "0")

	several(t, l)
	publish(t, l, snapshot[thing]{table: lake.Raw("test", "thing_all"), date: "2026-03-01", rows: []thing{{5, "a table of this name"}}})
	bad := publish(t, l, things1("2026-03-03", "x"))
	odd := publish(t, l, snapshot[thing]{table: lake.Raw("test", "odd"), date: "2026-03-03", change: func(m *lake.Manifest) { m.Columns[0].Type = "BLOB'; DROP" }})
	publish(t, l, snapshot[thing]{table: lake.Raw(`"q"`, "it's"), date: "2026-03-01", rows: []thing{{6, "quoted"}}, change: func(m *lake.Manifest) {
		m.Columns = append(m.Columns, lake.Column{Name: `o"r'd`, Type: lake.Varchar, Nullable: true, Description: `"it's"; --`})
	}})
	evil := publish(t, l, snapshot[thing]{table: lake.Raw("test", "x\nDROP SCHEMA lake"), date: "2026-03-03"})
	for key, text := range map[string]string{
		bad.Path: "{}", "raw/test/readme.txt": "hello", "curated/stray.parquet": "", "raw/test/thing/dt=2026-02-30/_manifest-000001.json": "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, key)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, key), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := catalog.Rebuild(t.Context(), l, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Err(); len(c.Problems) != 3 || fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), bad.Path) || !strings.Contains(err.Error(), odd.Path) || !strings.Contains(err.Error(), "BLOB") || !strings.Contains(err.Error(), evil.Path) {
		t.Errorf("problems: %v", err)
	}
	d = openDuck(t, l)
	d.want(t, "FROM raw_test.thing", "1 | three")
	d.want(t, `FROM "raw_""q"""."it's_all"`, "2026-03-01 | 6 | quoted | NULL")
	d.want(t, `SELECT comment FROM duckdb_columns() WHERE column_name = 'o"r''d' AND table_name = 'it''s'`, `"it's"; --`)
	d.want(t, "FROM raw_test.thing__rejected") // a snapshot without files
	d.want(t, "FROM raw_test.thing__rejected_all")
	d.want(t, "FROM raw_test.thing__rejected_asof('2026-03-09')")
	d.want(t, "FROM raw_test.thing_all", "5 | a table of this name")
}

func TestRemoved(t *testing.T) {
	l := openLake(t, t.TempDir())
	several(t, l)
	rebuild(t, l)
	s, err := l.Find(t.Context(), things, day("2026-03-02"))
	if err != nil {
		t.Fatal(err)
	}
	removal := lake.Removal{Run: lake.NewRunID(at("2026-03-03")), ToolVersion: "1.0", At: at("2026-03-03"), Reason: "a wrong import"}
	if _, err := l.Remove(t.Context(), s, removal); err != nil {
		t.Fatal(err)
	}
	rebuild(t, l)
	d := openDuck(t, l)
	d.want(t, "SELECT name FROM raw_test.thing ORDER BY id", "one", "two")
	d.want(t, "SELECT name FROM raw_test.thing_asof('2026-03-02') ORDER BY id", "one", "two")
	d.want(t, "SELECT dt, number, path FROM lake.files WHERE removed", "2026-03-02 | 2 | NULL")
	d.want(t, "SELECT dt FROM lake.snapshots WHERE table_name = 'thing'", "2026-03-01")
	current(t, l)
	if _, err := l.Restore(t.Context(), things, day("2026-03-02"), removal); err != nil {
		t.Fatal(err)
	}
	rebuild(t, l)
	openDuck(t, l).want(t, "SELECT name FROM raw_test.thing", "three")
}

// TestTorn passes over a run that has not committed all its tables, until it has.
func TestTorn(t *testing.T) {
	l := openLake(t, t.TempDir())
	others := lake.Raw("test", "other")
	of := func(table lake.Table, run lake.RunID, name string) {
		publish(t, l, snapshot[thing]{table: table, date: "2026-03-01", run: run, rows: []thing{{1, name}}, change: func(m *lake.Manifest) { m.Together = []lake.Table{things, others} }})
	}
	const both = "SELECT t.name, o.name FROM raw_test.thing AS t FULL JOIN raw_test.other AS o USING (id)"
	first, second := lake.NewRunID(at("2026-03-01 05:00")), lake.NewRunID(at("2026-03-01 06:00"))
	of(things, first, "old")
	of(others, first, "old")
	rebuild(t, l)
	of(things, second, "new")
	for range 2 {
		rebuild(t, l)
		openDuck(t, l).want(t, both, "old | old")
		current(t, l)
	}
	of(others, second, "new")
	rebuild(t, l)
	openDuck(t, l).want(t, both, "new | new")
	current(t, l)
}
