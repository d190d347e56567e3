package catalog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

type thing struct {
	ID   int64  `parquet:"id" doc:"the thing's key"`
	Name string `parquet:"name,dict"`
}

type newerThing struct {
	ID      int64      `parquet:"id" doc:"the thing's key"`
	Name    string     `parquet:"name,dict"`
	EndAt   *time.Time `parquet:"end_at,optional,timestamp(microsecond)"`
	Visible *bool      `parquet:"visible,optional"`
}

var things = lake.Raw("test", "thing")

func things1(date string, names ...string) snapshot[thing] {
	s := snapshot[thing]{table: things, date: date, key: []string{"id"}}
	for i, n := range names {
		s.rows = append(s.rows, thing{int64(i + 1), n})
	}
	return s
}

func TestSnapshots(t *testing.T) {
	l := openLake(t, t.TempDir())
	publish(t, l, things1("2026-03-01", "old"))
	publish(t, l, things1("2026-03-01", "one", "two")) // takes the place of the first
	end, yes := at("2026-06-01 12:00"), true
	publish(t, l, snapshot[newerThing]{table: things, date: "2026-03-04", rows: []newerThing{{1, "uno", &end, &yes}}})
	publish(t, l, snapshot[thing]{table: things.Rejected(), date: "2026-03-04", rows: []thing{{9, "bad"}}})
	rebuild(t, l)
	d := openDuck(t, l)
	d.want(t, "FROM raw_test.thing", "1 | uno | 2026-06-01 12:00:00 | true")
	d.want(t, "FROM raw_test.thing_all ORDER BY dt, id", "2026-03-01 | 1 | one | NULL | NULL", "2026-03-01 | 2 | two | NULL | NULL", "2026-03-04 | 1 | uno | 2026-06-01 12:00:00 | true")
	for _, asOf := range []string{"'2026-03-01'", "DATE '2026-03-02'", "TIMESTAMP '2026-03-03 23:59:59'", "DATE '2026-03-04' - 1"} {
		d.want(t, "SELECT id, name, visible FROM raw_test.thing_asof("+asOf+") ORDER BY id", "1 | one | NULL", "2 | two | NULL")
	}
	d.want(t, "SELECT name FROM raw_test.thing_asof(today()) ", "uno")
	d.want(t, "FROM raw_test.thing__rejected", "9 | bad")
	d.want(t, "SELECT old.name, new.name FROM raw_test.thing_asof('2026-03-01') AS old INNER JOIN raw_test.thing AS new USING (id)", "one | uno")
	d.refused(t, "FROM raw_test.thing_asof('2026-02-28')", "raw/test/thing begins on 2026-03-01", "2026-02-28")
	d.refused(t, "FROM raw_test.thing_asof(NULL)", "NULL")
	d.refused(t, "FROM raw_test.thing_asof('yesterday')", "yesterday")
	d.want(t, "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'thing' AND comment IS NOT NULL", "id | the thing's key")
	d.want(t, "SELECT comment FROM duckdb_views() WHERE view_name IN ('thing', 'thing_all') ORDER BY view_name", "the snapshot of 2026-03-04, 1 row", "all rows of 2 dates, from 2026-03-01 to 2026-03-04")
	d.want(t, `SELECT schema_name, table_name, dt, number, files, "rows" FROM lake.snapshots ORDER BY ALL`,
		"raw_test | thing | 2026-03-01 | 2 | 1 | 2", "raw_test | thing | 2026-03-04 | 1 | 1 | 1", "raw_test | thing__rejected | 2026-03-04 | 1 | 1 | 1")
	// The same statements again, as after another commit.
	publish(t, l, things1("2026-03-05", "eins"))
	rebuild(t, l)
	text, err := l.Catalog(t.Context(), "catalog.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	d.want(t, "FROM raw_test.thing", "1 | eins")
}

// TestPruning counts the files that a query opens.
func TestPruning(t *testing.T) {
	l := openLake(t, t.TempDir())
	for i := range 20 {
		publish(t, l, things1(day("2026-03-01").AddDays(i).String(), "a"))
	}
	rebuild(t, l)
	d := openDuck(t, l)
	for query, want := range map[string]string{
		"FROM raw_test.thing":                                                "Total Files Read: 1",
		"FROM raw_test.thing_asof('2026-03-07')":                             "Total Files Read: 1",
		"FROM raw_test.thing_all WHERE dt = '2026-03-07'":                    "Scanning Files: 1/20",
		"FROM raw_test.thing_all WHERE dt >= '2026-03-19'":                   "Scanning Files: 2/20",
		"SELECT count(*) FROM raw_test.thing_all":                            "Total Files Read: 20",
		"SELECT name FROM raw_test.thing_asof(today()) WHERE id=1":           "Filters: id=1",
		"SELECT name FROM raw_test.thing_all WHERE id=1 AND dt<'2026-03-02'": "Filters: id=1",
	} {
		lines, err := d.ask(t.Context(), "EXPLAIN ANALYZE "+query)
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(lines, "\n"); !strings.Contains(plan, want) {
			t.Errorf("%s: no %q in\n%s", query, want, plan)
		}
	}
}

func TestMoved(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "it's [old]*? 50%#", "none", "lake")
	disk, err := store.OpenDisk(old)
	if err != nil {
		t.Fatal(err)
	}
	l := lake.New(disk, "file://"+old)
	publish(t, l, things1("2026-03-01", "one"))
	rebuild(t, l)
	t.Chdir(t.TempDir()) // relative paths would lead nowhere
	openDuck(t, l).want(t, "FROM raw_test.thing_asof('2026-03-01')", "1 | one")

	moved := filepath.Join(dir, "new")
	if err := os.Rename(old, moved); err != nil {
		t.Fatal(err)
	}
	l = openLake(t, moved)
	d := openDuck(t, l, "SET VARIABLE lake = '"+moved+"/'")
	d.want(t, "FROM raw_test.thing", "1 | one")
	d.want(t, "FROM raw_test.thing_all", "2026-03-01 | 1 | one")
	d.want(t, "SELECT count(*) FROM lake.files", "1")
	rebuild(t, l)
	openDuck(t, l).want(t, "FROM raw_test.thing", "1 | one")
}
