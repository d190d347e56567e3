package load_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

func TestMain(m *testing.M) { localdbtest.Main(m) }

func TestFirstLoad(t *testing.T) {
	lk, u := openLake(t), first(5)
	u.commit(t, lk, day1)
	cfg, db := newDatabase(t)
	got := mustLoad(t, lk, cfg, plan(day1))
	if got.Outcome != load.Loaded || got.JobRunID != 1 {
		t.Errorf("got %s, job_run %d", got.Outcome, got.JobRunID)
	}
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("1 COURSE_INVENTORY 2027-01-11 09:30:00 2027-01-11 09:30:00\n", query(t, db, "SELECT * FROM job_run")); diff != "" {
		t.Errorf("job_run: %s", diff)
	}
	want := "1 CANVAS_API 2027-01-10 08:15:30 1\n2 UNIZIN_DATA_WAREHOUSE 2027-01-09 23:00:00 1\n"
	if diff := cmp.Diff(want, query(t, db, "SELECT * FROM data_source_status ORDER BY id")); diff != "" {
		t.Errorf("data_source_status: %s", diff)
	}
	noStaging(t, db)
}

func TestTheSameAgainChangesNothing(t *testing.T) {
	lk, u := openLake(t), first(5)
	u.commit(t, lk, day1)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	before := everything(t, db)
	if got := mustLoad(t, lk, cfg, plan(day1)); got.Outcome != load.Unchanged {
		t.Errorf("got %s", got.Outcome)
	}
	if diff := cmp.Diff(before, everything(t, db)); diff != "" {
		t.Error(diff)
	}

	// The same rows under a newer manifest: a load, but no row changes.
	u.commit(t, lk, day1)
	got := mustLoad(t, lk, cfg, plan(day1))
	if got.Outcome != load.Loaded || len(counts(got)) > 0 {
		t.Errorf("got %s, %v", got.Outcome, counts(got))
	}
	if s := query(t, db, "SELECT COUNT(*) FROM job_run"); s != "2\n" {
		t.Errorf("%s rows in job_run", s)
	}
}

func TestNextDay(t *testing.T) {
	lk, u := openLake(t), first(7)
	u.commit(t, lk, day1)
	n := u.next()
	n.commit(t, lk, day2)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	ids := query(t, db, "SELECT id FROM canvas_course_usage WHERE course_id > 170000000000000002 ORDER BY course_id, date")
	got := mustLoad(t, lk, cfg, plan(day2))
	want := map[string][3]int64{
		"account": {1, 0, 1}, "course": {1, 3, 1}, "course_section": {1, 0, 1}, "enrollment": {1, 1, 2}, "canvas_course_usage": {1, 1, 2},
	}
	if diff := cmp.Diff(want, counts(got)); diff != "" {
		t.Errorf("inserted, updated, deleted: %s", diff)
	}
	if diff := cmp.Diff(n.want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	after := query(t, db, "SELECT id FROM canvas_course_usage WHERE course_id > 170000000000000002 AND course_id < 170000000000000008 ORDER BY course_id, date")
	if diff := cmp.Diff(ids, after); diff != "" {
		t.Errorf("ids of kept rows changed: %s", diff)
	}
	record := query(t, db, "SELECT table_name, dt, job_name, row_count, rows_inserted, rows_updated, rows_deleted, loaded_at, job_run_id, run_id, tool_version FROM load_record WHERE table_name = 'course'")
	if diff := cmp.Diff("course 2027-01-11 COURSE_INVENTORY 7 1 3 1 2027-01-11 09:30:00 2 RUN test\n", record); diff != "" {
		t.Errorf("load_record: %s", diff)
	}
	// What day 2 takes from day 1's course table does not make its data older.
	if diff := cmp.Diff("CANVAS_API 2027-01-11 08:15:30\nUNIZIN_DATA_WAREHOUSE 2027-01-10 23:00:00\n",
		query(t, db, "SELECT data_source_name, data_updated_at FROM data_source_status WHERE job_run_id = 2 ORDER BY id")); diff != "" {
		t.Errorf("data_source_status: %s", diff)
	}
	noStaging(t, db)
}

func TestDryRunTouchesNothing(t *testing.T) {
	lk, u := openLake(t), first(7)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := newDatabase(t)

	dry := plan(day1)
	dry.DryRun = true
	r, err := load.Run(t.Context(), lk, cfg, dry)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Migrations) == 0 || r.Loads[0].Outcome != load.Planned || counts(r.Loads[0])["enrollment"] != [3]int64{14, 0, 0} {
		t.Errorf("got %+v", r)
	}
	if s := query(t, db, "SHOW TABLES"); s != "" {
		t.Errorf("it made tables: %s", s)
	}

	mustLoad(t, lk, cfg, plan(day1))
	before := everything(t, db)
	dry = plan(day2)
	dry.DryRun = true
	got := mustLoad(t, lk, cfg, dry)
	want := map[string][3]int64{
		"account": {1, 0, 1}, "course": {1, 3, 1}, "course_section": {1, 0, 1}, "enrollment": {1, 1, 2}, "canvas_course_usage": {1, 1, 2},
	}
	if diff := cmp.Diff(want, counts(got)); diff != "" || got.Outcome != load.Planned {
		t.Errorf("%s: %s", got.Outcome, diff)
	}
	if diff := cmp.Diff(before, everything(t, db)); diff != "" {
		t.Error(diff)
	}
}

func TestSubsetOfTables(t *testing.T) {
	lk, u := openLake(t), first(5)
	u.commit(t, lk, day1)
	cfg, db := database(t)
	p := plan(day1)
	p.Tables = []string{"term", "account"}
	mustLoad(t, lk, cfg, p)
	got := tables(t, db)
	if len(got) != 2 || got["term"] == "" || got["account"] == "" {
		t.Errorf("got %v", got)
	}
	// The rest later: what is there is kept.
	rest := mustLoad(t, lk, cfg, plan(day1))
	if _, touched := counts(rest)["term"]; touched {
		t.Error("term was loaded again")
	}
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestRangeLoadsItsNewestDate(t *testing.T) {
	lk, u := openLake(t), first(5)
	u.commit(t, lk, day1)
	u.next().commit(t, lk, day2)
	cfg, db := database(t)
	p := plan(day1)
	p.From, p.To = day1.AddDays(-3), day2.AddDays(10)
	if got := mustLoad(t, lk, cfg, p); got.Date != day2 {
		t.Errorf("loaded %s", got.Date)
	}
	if diff := cmp.Diff(u.next().want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if got := mustLoad(t, lk, cfg, p); got.Outcome != load.Unchanged {
		t.Errorf("the range again: %s", got.Outcome)
	}
}

// A lake that is not on disk is copied first.
func TestLakeElsewhere(t *testing.T) {
	lk, err := lake.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lk.Close() })
	t.Setenv("TMPDIR", t.TempDir())
	u := first(5)
	u.commit(t, lk, day1)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, plan(day1))
	if diff := cmp.Diff(u.want(), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func everything(t *testing.T, db querier) map[string]string {
	m := tables(t, db)
	for _, table := range []string{"canvas_course_usage", "job_run", "data_source_status", "load_record", "load_change", "load_key", "lti_type", "goose_db_version"} {
		m["all of "+table] = query(t, db, "SELECT * FROM "+table+" ORDER BY 1, 2")
	}
	m["names"] = query(t, db, "SHOW TABLES")
	return m
}

func noStaging(t *testing.T, db querier) {
	t.Helper()
	if s := query(t, db, "SHOW TABLES LIKE '\\_load\\_%'"); s != "" {
		t.Errorf("staging tables are left: %s", s)
	}
}
