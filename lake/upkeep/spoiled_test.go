package upkeep_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

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
