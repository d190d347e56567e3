package upkeep_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// terms commits a snapshot of terms that end at those dates.
func (f fixture) terms(d lake.Date, ends ...string) {
	f.t.Helper()
	type termRow struct {
		ID    int64      `parquet:"canvas_id"`
		EndAt *time.Time `parquet:"end_at,optional,timestamp(microsecond)"`
	}
	run := runID(morning(d))
	w, err := lake.NewWriter[termRow](f.t.Context(), f.Lake, lake.Part{Table: term, Date: d, Run: run})
	f.check(err)
	for i, end := range ends {
		at := date(end).Time().Add(4 * time.Hour)
		f.check(w.Write(termRow{int64(i), &at}))
	}
	f.check(w.Write(termRow{99, nil}))
	file, err := w.Close()
	f.check(err)
	columns, err := lake.ColumnsOf[termRow]()
	f.check(err)
	_, err = f.Commit(f.t.Context(), lake.Manifest{Table: term, Date: d, Run: run, Files: []lake.File{file}, Columns: columns})
	f.check(err)
}

// year fills a lake with all that a clean-up meets.
func year(t *testing.T) fixture {
	f := newFixture(t)
	f.made(strings.Fields("2026-01-30 2026-01-31 2026-02-09 2026-02-10 2026-02-11 2026-02-20 2026-02-27 2026-02-28 2026-03-01 2026-03-17 2026-03-18 2026-03-19 2026-03-20 2026-03-31 2026-04-01")...)
	f.terms(date("2026-02-01"), "2026-02-10")
	f.terms(date("2026-03-31"), "2026-05-01")
	// Superseded: in a full table, where another was made from it, and in an incremental table.
	d := date("2026-03-20")
	f.commitAt(morning(d).Add(time.Hour), course, d, 50)
	old := f.commit(enrollment, d, 7)
	f.commitAt(morning(d).Add(time.Hour), enrollment, d, 8)
	f.commit(enrollment.Rejected(), d, 8, madeOf(old))
	f.commit(plays, d, 3, interval)
	f.commitAt(morning(d).Add(time.Hour), plays, d, 4, interval)
	f.commit(plays.Rejected(), d, 3, interval)
	f.commitAt(morning(d).Add(time.Hour), plays.Rejected(), d, 4, interval)
	f.commit(plays, date("2026-01-01"), 3, interval)
	// Left by runs that were killed, and of one under way.
	f.write(enrollment, d, runID(morning(d).Add(2*time.Hour)), rows(9))
	f.write(enrollment, date("2026-04-01"), runID(april.Add(-time.Hour)), rows(9))
	f.put("curated/enrollment/dt=2026-03-20/run=X/.tmp-1", "half")
	f.put("_checkpoints/canvas/2026-03-20/1", "old")
	f.put("_runs/"+string(runID(april.AddDate(-2, 0, 0)))+".json", "{}")
	f.put("_runs/"+string(runID(april.AddDate(0, -2, 0)))+".json", "{}")
	f.put("_lineage/"+string(runID(april.AddDate(-2, 0, 0)))+".ndjson", "{}")
	f.put("_lineage/"+string(runID(april.AddDate(0, -2, 0)))+".ndjson", "{}")
	f.put("README.txt", "foreign")
	f.age(april.Add(-10 * day))
	// Removed by a person, and superseded today.
	removed := f.commit(enrollment, date("2026-03-01"), 7)
	_, err := f.Remove(t.Context(), removed, lake.Removal{Run: runID(april), At: morning(date("2026-03-02")), Reason: "a mistake"})
	f.check(err)
	f.age(april.Add(-10 * day))
	f.commitAt(april.Add(-time.Hour), course, date("2026-03-31"), 60)
	for _, key := range f.objects() {
		if strings.Contains(key, string(runID(april.AddDate(-2, 0, 0)))) {
			f.check(os.Chtimes(f.path(key), april.AddDate(-2, 0, 0), april.AddDate(-2, 0, 0)))
		}
	}
	return f
}
