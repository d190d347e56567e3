package load_test

import (
	"database/sql"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

const inDatabase = "rows are compared in the database"

// Whatever somebody does to the tables, the record of the load or the lake, a load ends with the rows of its snapshot. It says
// so when that takes the longer way.
func TestWhatTheRecordSaysIsChecked(t *testing.T) {
	for name, tt := range map[string]struct {
		meddle string // a statement
		lake   func(t *testing.T, lk *lake.Lake)
		table  string
		again  [3]int64 // what loading the same snapshot again inserts, updates and deletes in the table
		longer int      // tables that take the longer way, on the same day and on the next
	}{
		"nothing":            {meddle: "DO 0", table: "enrollment"},
		"a value":            {meddle: "UPDATE enrollment SET user_id = 5 WHERE canvas_id = 1003", table: "enrollment", again: [3]int64{0, 1, 0}, longer: 1},
		"two values alike":   {meddle: "UPDATE enrollment SET workflow_state = 'closed' WHERE canvas_id IN (1003, 1005)", table: "enrollment", again: [3]int64{0, 2, 0}, longer: 1},
		"values that swap":   {meddle: "UPDATE canvas_course_usage SET views = 23 - views WHERE course_id IN (170000000000000002, 170000000000000003)", table: "canvas_course_usage", again: [3]int64{0, 4, 0}, longer: 1},
		"capitals":           {meddle: "UPDATE course SET name = UPPER(name) WHERE canvas_id = 170000000000000003", table: "course", again: [3]int64{0, 1, 0}, longer: 1},
		"NULL for empty":     {meddle: "UPDATE course SET sis_id = '' WHERE canvas_id = 170000000000000003", table: "course", again: [3]int64{0, 1, 0}, longer: 1},
		"a row gone":         {meddle: "DELETE FROM enrollment WHERE canvas_id = 1003", table: "enrollment", again: [3]int64{1, 0, 0}, longer: 1},
		"another id":         {meddle: "UPDATE enrollment SET canvas_id = 2000 WHERE canvas_id = 1003", table: "enrollment", again: [3]int64{1, 0, 1}, longer: 1},
		"all rows gone":      {meddle: "DELETE FROM enrollment", table: "enrollment", again: [3]int64{14, 0, 0}},
		"no sum in a record": {meddle: "UPDATE load_record SET row_sum = NULL WHERE table_name = 'enrollment'", table: "enrollment", longer: 1},
		"no record":          {meddle: "DELETE FROM load_record WHERE table_name = 'enrollment'", table: "enrollment", longer: 1},
		"no old snapshot":    {meddle: "DO 0", lake: removeManifest, table: "enrollment", longer: 1},
		"no old file":        {meddle: "DO 0", lake: removeFile, table: "enrollment", longer: 1},
	} {
		t.Run(name, func(t *testing.T) {
			lk, u := openLake(t), first(7)
			u.commit(t, lk, day1)
			cfg, db := database(t)
			meddle := func() {
				t.Helper()
				mustLoad(t, lk, cfg, plan(day1))
				if _, err := db.Exec(tt.meddle); err != nil {
					t.Fatal(err)
				}
			}
			check := func(p load.Plan, want university, longer int) load.JobLoad {
				t.Helper()
				var log logged
				p.Log = log.logger()
				got := mustLoad(t, lk, cfg, p)
				if diff := cmp.Diff(want.want(), tables(t, db)); diff != "" {
					t.Errorf("tables (-want +got):\n%s", diff)
				}
				if n := log.count(inDatabase); n != longer {
					t.Errorf("%d tables took the longer way, want %d", n, longer)
				}
				noStaging(t, db)
				return got
			}
			if tt.lake == nil {
				meddle()
				longer := tt.longer
				if name == "no sum in a record" {
					longer = 0 // the number of rows is right
				}
				if got := counts(check(plan(day1), u, longer)); got[tt.table] != tt.again {
					t.Errorf("the same again: %v in %s, want %v", got[tt.table], tt.table, tt.again)
				}
			}
			meddle()
			u.next().commit(t, lk, day2)
			if tt.lake != nil {
				tt.lake(t, lk)
			}
			check(plan(day2), u.next(), tt.longer)
			var log logged
			p := plan(day2)
			p.Log = log.logger()
			if got := mustLoad(t, lk, cfg, p); got.Outcome != load.Unchanged || log.count(inDatabase) > 0 {
				t.Errorf("after that, a load %s", got.Outcome)
			}
		})
	}
}

func removeManifest(t *testing.T, lk *lake.Lake) {
	t.Helper()
	s, err := lk.Find(t.Context(), lake.Curated("enrollment"), day1)
	if err == nil {
		err = os.Remove(lk.Dir() + "/" + s.Path)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func removeFile(t *testing.T, lk *lake.Lake) {
	t.Helper()
	s, err := lk.Find(t.Context(), lake.Curated("enrollment"), day1)
	if err == nil {
		err = os.Remove(lk.Dir() + "/" + s.Files[1].Path)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// What a load says of its rows is what the server finds.
func TestSumOfOddRows(t *testing.T) {
	lk, u := openLake(t), oddUniversity()
	u.terms[0].StartAt, u.terms[0].EndAt = nil, ptr(at("1999-12-31T23:59:59.999999Z"))
	u.courses[1].CreatedAt = ptr(at("1969-07-20T20:17:40.5Z"))
	u.commit(t, lk, day1)
	n := u
	n.accounts = append(n.accounts, account{9, ptr(""), "\\N\t\n"})
	n.commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	var log logged
	for _, d := range []lake.Date{day2, day1} { // both by the difference in the lake
		p := plan(d)
		p.Log, p.AllowOlder, p.Drop.Accept = log.logger(), true, []string{"account"}
		mustLoad(t, lk, cfg, p)
	}
	if log.count(inDatabase) > 0 {
		t.Errorf("the sums differ: %q", log.messages)
	}
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	checkChangeReport(t, db)
}

// checkChangeReport expects what the loads of TestSumOfOddRows changed in table account.
func checkChangeReport(t *testing.T, db *sql.DB) {
	t.Helper()
	want := "2027-01-10 0 2 0 0\n2027-01-11 2 1 0 0\n2027-01-10 3 0 0 1\n"
	got := query(t, db, "SELECT dt, rows_before, rows_inserted, rows_updated, rows_deleted FROM load_change WHERE table_name = 'account' ORDER BY job_run_id")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("load_change (-want +got):\n%s", diff)
	}
}
