package upkeep_test

import (
	"bytes"
	"fmt"
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
