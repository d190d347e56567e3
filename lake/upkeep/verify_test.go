package upkeep_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

const (
	rawCourse = lake.Table("raw/canvas/course")
	course    = lake.Table("curated/course")
	plays     = lake.Table("curated/mivideo_media_started_hourly")
)

var april = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func (f fixture) verify(o upkeep.VerifyOptions) upkeep.Verification {
	f.t.Helper()
	if o.Now.IsZero() {
		o.Now = april
	}
	o.Grace = 24 * time.Hour
	v, err := upkeep.Verify(f.t.Context(), f.Lake, o)
	f.check(err)
	return v
}

// made commits a raw and a curated snapshot for each date, the curated ones made of the raw ones and of each other.
func (f fixture) made(dates ...string) {
	var before []lake.Snapshot
	for i, text := range dates {
		raw := f.commit(rawCourse, date(text), 10+i)
		before = []lake.Snapshot{f.commit(course, date(text), 5+i, madeOf(append(before, raw)...))}
	}
}

func TestVerifySound(t *testing.T) {
	f := newFixture(t)
	f.made("2026-03-01", "2026-03-02", "2026-03-03")
	f.commitAt(morning(date("2026-03-04")), course, date("2026-03-03"), 8)
	s := f.commit(rawCourse, date("2026-03-04"), 1)
	_, err := f.Remove(t.Context(), s, lake.Removal{Run: runID(april), At: april, Reason: "a mistake"})
	f.check(err)
	f.put("_catalog/catalog.sql", "--")
	f.put("_checkpoints/canvas/x", "-")
	f.check(f.PutRun(t.Context(), lake.Run{ID: runID(april), Status: lake.Running}))
	for _, deep := range []bool{false, true} {
		var last string
		v := f.verify(upkeep.VerifyOptions{Deep: deep, Progress: func(done, total int64) { last = fmt.Sprint(done, total) }})
		if len(v.Findings) > 0 || v.Snapshots != 6 || v.Tables != 2 || v.Removed != 1 || v.Rows != 10+11+12+5+6+8 {
			t.Errorf("deep %v: %+v", deep, v)
		}
		if last == "" {
			t.Error("no progress")
		}
	}
	v := f.verify(upkeep.VerifyOptions{Scope: upkeep.Scope{Tables: []string{"curated/course"}, From: date("2026-03-02"), To: date("2026-03-02")}})
	if v.Snapshots != 1 || v.Rows != 6 {
		t.Errorf("one table and date: %+v", v)
	}
	if _, err := upkeep.Verify(t.Context(), f.Lake, upkeep.VerifyOptions{Scope: upkeep.Scope{Tables: []string{"curse"}}}); err == nil || !strings.Contains(err.Error(), `no table "curse"`) {
		t.Errorf("an unknown table: %v", err)
	}
}

// spoil fills a lake with everything that can be wrong with one, each in a date of its own.
func spoil(t *testing.T) fixture {
	f := newFixture(t)
	next := date("2026-03-01")
	day := func() lake.Date { next = next.AddDays(1); return next }
	manifestOf := func(s lake.Snapshot) string { return s.Path }
	fileOf := func(s lake.Snapshot) string { return s.Files[0].Path }

	f.commit(rawCourse, date("2026-03-01"), 10)
	f.edit(manifestOf(f.commit(course, day(), 5)), func([]byte) []byte { return nil })
	f.edit(manifestOf(f.commit(course, day(), 5)), func(b []byte) []byte { return b[:len(b)/2] })
	f.edit(manifestOf(f.commit(course, day(), 5)), replace(`"format_version": 1`, `"format_version": 7`))
	f.edit(manifestOf(f.commit(course, day(), 5)), replace(`"rows": 5`, `"rows": 6`))
	f.edit(manifestOf(f.commit(course, day(), 5)), replace(`"type": "BIGINT"`, `"type": "VARCHAR"`))
	f.edit(fileOf(f.commit(course, day(), 5)), func(b []byte) []byte { return b[:len(b)/2] })
	f.check(os.Remove(f.path(fileOf(f.commit(course, day(), 5)))))
	f.edit(fileOf(f.commit(course, day(), 5)), func(b []byte) []byte { copy(b[len(b)-4:], "XXXX"); return b })

	// A manifest of another table, and one that names another table's file.
	d := day()
	raw := f.commit(rawCourse, d, 10)
	data, err := os.ReadFile(f.path(raw.Path))
	f.check(err)
	f.put(fmt.Sprintf("%s/dt=%s/_manifest-000001.json", course, d), string(data))
	f.edit(manifestOf(f.commit(course, day(), 5)), replace(`"path": "curated/course/`, `"path": "curated/other/`))

	// Inputs that were changed, lost, or are none.
	d = day()
	changed := f.commit(rawCourse, d, 10)
	f.commit(course, d, 5, madeOf(changed))
	f.edit(changed.Path, replace(`"tool_version": "test"`, `"tool_version": "best"`))
	d = day()
	lost := f.commit(rawCourse, d, 10)
	f.commit(course, d, 5, madeOf(lost), func(m *lake.Manifest) { m.Inputs = append(m.Inputs, lake.Input{Path: "somewhere/else"}) })
	f.check(os.Remove(f.path(lost.Path)))

	// Numbers with a hole, where only the newest counts.
	d = day()
	f.commitAt(morning(d), course, d, 5)
	second := f.commitAt(morning(d).Add(time.Minute), course, d, 5)
	f.commitAt(morning(d).Add(2*time.Minute), course, d, 5)
	f.check(os.Remove(f.path(second.Path)))

	// What killed, failed and running runs leave.
	f.write(course, d, runID(april.Add(-72*time.Hour)), rows(3))
	for i, status := range []lake.Status{lake.Running, lake.Failed, lake.Running} {
		at := april.Add(time.Duration(i-2) * 48 * time.Hour)
		f.check(f.PutRun(t.Context(), lake.Run{ID: runID(at), Stage: "transform", Status: status, StartedAt: at}))
		f.write(course, date("2026-03-31"), runID(at), rows(3))
	}
	f.put("curated/course/dt=2026-03-31/run=X/.tmp-123", "half a file")

	// Foreign objects.
	f.put("README.txt", "hello")
	f.put("curated/.DS_Store", "x")
	f.put("curated/course/notes.txt", "hello")
	f.put("curated/course/dt=2026-02-30/_manifest-000001.json", "{}")
	f.put("curated/course/dt=2026-03-01/_manifest-000009.json/inside", "a directory named like a manifest")
	f.put("curated/course/dt=2026-03-01/part-00000.parquet", "not in a run")
	f.put("backup/curated/course/dt=2026-03-01/_manifest-000001.json", "{}")
	f.put("_runs/notes.txt", "hello")
	f.age(april.Add(-48 * time.Hour))
	return f
}

func TestVerifySpoiled(t *testing.T) {
	f := spoil(t)
	for _, deep := range []bool{false, true} {
		v := f.verify(upkeep.VerifyOptions{Deep: deep})
		var out bytes.Buffer
		v.Print(&out)
		golden(t, "verify_spoiled.txt", bytes.Replace(out.Bytes(), []byte("read to the end"), []byte("as their footers tell"), 1))
		if v.Damaged() != 13 {
			t.Errorf("deep %v: %d findings of damage", deep, v.Damaged())
		}
		encoded, err := json.Marshal(v)
		f.check(err)
		if !bytes.Contains(encoded, []byte(`{"severity":"damage","code":"file-missing","object":"curated/course/dt=2026-03-08/run=`)) {
			t.Errorf("JSON: %s", encoded)
		}
	}
	// The directory named like a manifest hides nothing and keeps nobody from committing.
	s := f.commit(course, date("2026-03-01"), 5)
	if found, err := f.Find(t.Context(), course, date("2026-03-01")); err != nil || found.Path != s.Path {
		t.Errorf("found %s, %v; want %s", found.Path, err, s.Path)
	}
}

// unsorted writes rows as they are.
func (f fixture) unsorted(t lake.Table, d lake.Date, all []row, nullable bool) {
	f.t.Helper()
	name := f.t.TempDir() + "/unsorted.parquet"
	f.check(parquet.WriteFile(name, all))
	run := runID(morning(d))
	file, err := f.Upload(f.t.Context(), lake.Part{Table: t, Date: d, Run: run}, name)
	f.check(err)
	columns, err := lake.ColumnsOf[row]()
	f.check(err)
	columns[1].Nullable = nullable
	_, err = f.Commit(f.t.Context(), lake.Manifest{Table: t, Date: d, Run: run, Files: []lake.File{file}, Columns: columns, Key: key})
	f.check(err)
}

func TestVerifyDeep(t *testing.T) {
	f := newFixture(t)
	name := "a name"
	f.unsorted(course, date("2026-03-01"), []row{{1, nil}, {3, nil}, {2, nil}, {2, nil}, {1, nil}}, true)
	f.unsorted(course, date("2026-03-02"), []row{{1, nil}, {2, &name}, {3, nil}}, false)
	f.unsorted(rawCourse, date("2026-03-01"), []row{{1, nil}, {2, nil}, {2, nil}}, true) // as the source gave them
	f.unsorted(course.Rejected(), date("2026-03-01"), []row{{1, nil}, {1, nil}}, true)   // for that
	flipped := f.commit(course, date("2026-03-03"), 5000)
	f.edit(flipped.Files[0].Path, func(b []byte) []byte { b[len(b)/3] ^= 0xff; return b })
	if v := f.verify(upkeep.VerifyOptions{}); len(v.Findings) > 0 {
		t.Errorf("footers tell nothing of rows: %+v", v.Findings)
	}
	v := f.verify(upkeep.VerifyOptions{Deep: true})
	var out bytes.Buffer
	v.Print(&out)
	golden(t, "verify_deep.txt", out.Bytes())
}
