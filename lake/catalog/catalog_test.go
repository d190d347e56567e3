package catalog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
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
