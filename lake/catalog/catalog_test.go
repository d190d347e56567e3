package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// objects returns both objects of the catalog.
func objects(t *testing.T, l *lake.Lake) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, name := range []string{"files.parquet", "catalog.sql"} {
		data, err := l.Catalog(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = data
	}
	return all
}

// current checks that the catalog's objects are those that a lake without any would get.
func current(t *testing.T, l *lake.Lake) {
	t.Helper()
	have := objects(t, l)
	if _, err := catalog.Rebuild(t.Context(), l, true); err != nil {
		t.Fatal(err)
	}
	for name, fresh := range objects(t, l) {
		if !bytes.Equal(fresh, have[name]) {
			t.Errorf("%s is not up to date", name)
		}
	}
}

// several publishes snapshots of all kinds.
func several(t *testing.T, l *lake.Lake) {
	t.Helper()
	publish(t, l, things1("2026-03-01", "old"))
	publish(t, l, things1("2026-03-01", "one", "two"))
	publish(t, l, things1("2026-03-02", "three"))
	publish(t, l, snapshot[hourRow]{table: hours, date: "2026-03-02", interval: span("2026-02-28 12:30", "2026-03-02"), rows: []hourRow{{"2026-02-28 12", 42, 1}}})
	publish(t, l, snapshot[thing]{table: things.Rejected(), date: "2026-03-02", change: func(m *lake.Manifest) { m.Files, m.SimulatedClock = nil, true }})
}

// TestIndex reads from the index what the manifests say.
func TestIndex(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir)
	several(t, l)
	afresh, err := catalog.Load(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	rebuild(t, l)
	// Whoever reads a manifest now fails.
	for _, s := range afresh.Snapshots {
		if err := os.WriteFile(filepath.Join(dir, s.Path), bytes.Repeat([]byte("x"), size(t, filepath.Join(dir, s.Path))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	indexed, err := catalog.Load(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(afresh.Snapshots, indexed.Snapshots); diff != "" || len(indexed.Problems) > 0 || len(indexed.Snapshots) != 4 {
		t.Errorf("by the index (-manifests +index):\n%s\nproblems %v", diff, indexed.Problems)
	}
	place, err := catalog.Place(l.URL())
	if err != nil || afresh.SQL(place) != indexed.SQL(place) {
		t.Errorf("the statements differ, %v", err)
	}
	// Manifests of another size are not those that the index knows.
	if err := os.WriteFile(filepath.Join(dir, afresh.Snapshots[0].Path), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := catalog.Load(t.Context(), l); err != nil || len(c.Problems) != 1 || fault.ClassOf(c.Err()) != fault.Data {
		t.Errorf("an edited manifest: %v, %v", c, err)
	}
}

func size(t *testing.T, name string) int {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size())
}

// TestDamagedIndex makes anew what it cannot read.
func TestDamagedIndex(t *testing.T) {
	l := openLake(t, t.TempDir())
	several(t, l)
	rebuild(t, l)
	good := objects(t, l)["files.parquet"]
	for name, data := range map[string][]byte{"empty": nil, "no Parquet": []byte("hello"), "cut": good[:len(good)/2], "another's": other(t)} {
		if err := l.PutCatalog(t.Context(), "files.parquet", data); err != nil {
			t.Fatal(err)
		}
		rebuild(t, l)
		if !bytes.Equal(objects(t, l)["files.parquet"], good) {
			t.Errorf("%s: not repaired", name)
		}
	}
}

// other returns a Parquet file that is no index.
func other(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	s := publish(t, openLake(t, dir), things1("2026-03-01", "one"))
	data, err := os.ReadFile(filepath.Join(dir, s.Files[0].Path))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

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

// hooked is a store that calls before with every key that is put.
type hooked struct {
	store.Store
	before func(ctx context.Context, key string) error
}

func (h hooked) Put(ctx context.Context, key string, data []byte) error {
	if err := h.before(ctx, key); err != nil {
		return err
	}
	return h.Store.Put(ctx, key, data)
}

// hook opens the lake in a directory so that before is called ahead of every put.
func hook(t *testing.T, dir string, before func(ctx context.Context, key string) error) *lake.Lake {
	t.Helper()
	disk, err := store.MakeDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	return lake.New(hooked{disk, before}, "file://"+filepath.ToSlash(dir))
}

// TestSlowRebuild lets a rebuild write after another one that knew of more.
func TestSlowRebuild(t *testing.T) {
	for _, object := range []string{"_catalog/files.parquet", "_catalog/catalog.sql"} {
		dir := t.TempDir()
		l := openLake(t, dir)
		publish(t, l, things1("2026-03-01", "one"))
		var once sync.Once
		slow := hook(t, dir, func(_ context.Context, key string) error {
			if key == object {
				once.Do(func() {
					publish(t, l, things1("2026-03-02", "two"))
					rebuild(t, l)
				})
			}
			return nil
		})
		rebuild(t, slow)
		openDuck(t, l).want(t, "FROM raw_test.thing", "1 | two")
		current(t, l)
	}
}

// TestKilledRebuild ends between the two objects: what is there still fits together, and the next rebuild catches up.
func TestKilledRebuild(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir)
	publish(t, l, things1("2026-03-01", "one"))
	rebuild(t, l)
	publish(t, l, things1("2026-03-02", "two"))
	killed := errors.New("killed")
	dying := hook(t, dir, func(_ context.Context, key string) error {
		if key == "_catalog/catalog.sql" {
			return killed
		}
		return nil
	})
	if _, err := catalog.Rebuild(t.Context(), dying, false); !errors.Is(err, killed) {
		t.Fatalf("got %v", err)
	}
	d := openDuck(t, l)
	d.want(t, "FROM raw_test.thing_all", "2026-03-01 | 1 | one")
	d.want(t, "SELECT count(*) FROM lake.snapshots", "2")
	rebuild(t, l)
	openDuck(t, l).want(t, "FROM raw_test.thing_all ORDER BY dt", "2026-03-01 | 1 | one", "2026-03-02 | 1 | two")
	current(t, l)
}

// TestManyRebuilds commits and rebuilds from all sides.
func TestManyRebuilds(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 6 {
		group.Go(func() {
			l := openLake(t, dir)
			for j := range 4 {
				s := things1(day("2026-03-01").AddDays(j).String(), "one")
				s.table = lake.Raw("test", string(rune('a'+i)))
				if _, err := s.publish(t.Context(), l); err != nil {
					t.Error(err)
				}
				if _, err := catalog.Rebuild(t.Context(), l, false); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	current(t, openLake(t, dir))
}

func TestCancelled(t *testing.T) {
	l := openLake(t, t.TempDir())
	several(t, l)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := catalog.Rebuild(ctx, l, false); fault.ClassOf(err) != fault.Interrupted {
		t.Errorf("got %v", err)
	}
}

func TestPlace(t *testing.T) {
	for url, want := range map[string]string{
		"file:///srv/lake":                       "/srv/lake",
		"file:///srv/my lake[1]/":                "/srv/my lake[[]1]",
		"s3://bucket":                            "s3://bucket",
		"s3://bucket?region=us-east-1&prefix=a/": "s3://bucket/a",
		"gs://bucket/folder/":                    "gs://bucket/folder",
		"azblob://container?prefix=a/b/":         "az://container/a/b",
	} {
		if got, err := catalog.Place(url); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", url, got, err, want)
		}
	}
	for _, url := range []string{"", "/srv/lake", "ftp://host/lake", "s3://%zz"} {
		if got, err := catalog.Place(url); fault.ClassOf(err) != fault.Usage {
			t.Errorf("%s: %q, %v", url, got, err)
		}
	}
}
