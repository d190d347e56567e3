package upkeep_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var update = flag.Bool("update", false, "write the golden files anew")

// row is the row type of the tests' tables.
type row struct {
	ID   int64   `parquet:"id"`
	Name *string `parquet:"name,optional,dict"`
}

var key = []string{"id"}

// fixture is a lake on disk that a test fills.
type fixture struct {
	t testing.TB
	*lake.Lake
}

func newFixture(t testing.TB) fixture {
	t.Helper()
	l, err := lake.Open(t.Context(), "file://"+t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return fixture{t, l}
}

func date(s string) lake.Date {
	d, err := lake.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// morning is when the runs of a date start.
func morning(d lake.Date) time.Time { return d.Time().Add(5 * time.Hour) }

// runID returns the same id for the same time.
func runID(at time.Time) lake.RunID {
	return lake.RunID(ulid.MustNew(ulid.Timestamp(at), bytes.NewReader(make([]byte, 16))).String())
}

func rows(n int) []row {
	all := make([]row, n)
	for i := range all {
		all[i].ID = int64(i + 1)
	}
	return all
}

// write writes a part of a run, without a manifest.
func (f fixture) write(t lake.Table, d lake.Date, run lake.RunID, rows []row) lake.File {
	f.t.Helper()
	w, err := lake.NewWriter[row](f.t.Context(), f.Lake, lake.Part{Table: t, Date: d, Run: run, SortBy: key})
	f.check(err)
	f.check(w.Write(rows...))
	file, err := w.Close()
	f.check(err)
	return file
}

// change alters a manifest before it is committed.
type change func(*lake.Manifest)

func interval(m *lake.Manifest) {
	m.Interval = &lake.Interval{From: m.Date.AddDays(-1).Time(), To: m.Date.Time()}
}

func madeOf(inputs ...lake.Snapshot) change {
	return func(m *lake.Manifest) {
		for _, in := range inputs {
			m.Inputs = append(m.Inputs, in.Input())
		}
	}
}

// commit commits n rows as a run of that time would.
func (f fixture) commitAt(at time.Time, t lake.Table, d lake.Date, n int, changes ...change) lake.Snapshot {
	f.t.Helper()
	run := runID(at)
	columns, err := lake.ColumnsOf[row]()
	f.check(err)
	m := lake.Manifest{
		Table: t, Date: d, Run: run, ToolVersion: "test", Columns: columns, Key: key, StartedAt: at, FinishedAt: at.Add(time.Minute),
		Files: []lake.File{f.write(t, d, run, rows(n))},
	}
	for _, c := range changes {
		c(&m)
	}
	s, err := f.Commit(f.t.Context(), m)
	f.check(err)
	return s
}

func (f fixture) commit(t lake.Table, d lake.Date, n int, changes ...change) lake.Snapshot {
	f.t.Helper()
	return f.commitAt(morning(d), t, d, n, changes...)
}

// path returns the file of an object.
func (f fixture) path(key string) string { return filepath.Join(f.Dir(), filepath.FromSlash(key)) }

// put writes an object that the lake itself would not.
func (f fixture) put(key, data string) {
	f.t.Helper()
	f.check(os.MkdirAll(filepath.Dir(f.path(key)), 0o700))
	f.check(os.WriteFile(f.path(key), []byte(data), 0o600))
}

// edit changes an object's bytes.
func (f fixture) edit(key string, change func([]byte) []byte) {
	f.t.Helper()
	data, err := os.ReadFile(f.path(key))
	f.check(err)
	f.put(key, string(change(data)))
}

func replace(old, with string) func([]byte) []byte {
	return func(data []byte) []byte { return bytes.Replace(data, []byte(old), []byte(with), 1) }
}

// age makes all objects as old as the run of their date, or of that time where they have no date.
func (f fixture) age(otherwise time.Time) {
	f.t.Helper()
	f.check(f.Walk(f.t.Context(), "", func(o lake.Object) {
		at := otherwise
		if p := lake.PlaceOf(o.Key); !p.Date.IsZero() {
			at = morning(p.Date)
		}
		f.check(os.Chtimes(f.path(o.Key), at, at))
	}))
}

// objects returns the keys of all objects.
func (f fixture) objects() []string {
	f.t.Helper()
	var keys []string
	f.check(f.Walk(f.t.Context(), "", func(o lake.Object) { keys = append(keys, o.Key) }))
	slices.Sort(keys)
	return keys
}

func (f fixture) check(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// What depends on the Parquet library's version, not on what is tested.
var varying = regexp.MustCompile(`[0-9a-f]{12}…|[0-9.,]+ (B|kB|MB|bytes)\b`)

// golden compares a printed text with testdata/<name>, bytes and digests aside.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = varying.ReplaceAllFunc(got, func(b []byte) []byte {
		if bytes.HasSuffix(b, []byte("…")) {
			return []byte("DIGEST…")
		}
		return []byte("SIZE")
	})
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
