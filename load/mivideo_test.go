package load_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// Whatever dates are loaded in whatever order, also again after they were extracted anew with another interval, the
// tables end as they do when everything is loaded once into an empty database.
func TestAnyOrderEndsInTheSameTables(t *testing.T) {
	for _, seed := range []uint64{1, 2, rand.Uint64()} {
		r := rand.New(rand.NewPCG(seed, 1))
		v := newVideos(r, at("2026-12-31T10:30:00Z"), 6)
		first := mustDate("2027-01-02")
		lk := openLake(t)
		cfg, db := database(t)
		accept := func(from, to lake.Date) load.Plan {
			p := planOf(mivideo, from, to)
			p.Drop.Accept = mivideo.Tables
			return p
		}
		nights := make([]night, 5)
		for i := range nights {
			nights[i] = v.night(first.AddDays(i))
			nights[i].commit(t, lk)
		}
		for _, i := range r.Perm(len(nights))[:3] {
			mustLoad(t, lk, cfg, accept(nights[i].date, nights[i].date))
		}
		for _, i := range r.Perm(len(nights))[:3] {
			nights[i] = v.night(first.AddDays(i))
			nights[i].commit(t, lk)
		}
		for _, i := range append(r.Perm(len(nights)), r.IntN(len(nights))) {
			mustLoad(t, lk, cfg, accept(nights[i].date, nights[i].date))
		}
		want := wantMIVIDEO(nights)
		if diff := cmp.Diff(want, tables(t, db)); diff != "" {
			t.Errorf("seed %d: tables (-want +got):\n%s", seed, diff)
		}
		owners := query(t, db, "SELECT * FROM load_owner ORDER BY 1, 2")

		// From scratch, in order, as a range; and then nothing is left to do.
		cfg, db = database(t)
		result, err := load.Run(t.Context(), lk, cfg, accept(first.AddDays(-9), first.AddDays(9)))
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Loads) != len(nights) {
			t.Errorf("seed %d: %d loads", seed, len(result.Loads))
		}
		if diff := cmp.Diff(want, tables(t, db)); diff != "" {
			t.Errorf("seed %d: from scratch (-want +got):\n%s", seed, diff)
		}
		if diff := cmp.Diff(owners, query(t, db, "SELECT * FROM load_owner ORDER BY 1, 2")); diff != "" {
			t.Errorf("seed %d: owners: %s", seed, diff)
		}
		before := everything(t, db)
		result, err = load.Run(t.Context(), lk, cfg, accept(first, first.AddDays(4)))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range result.Loads {
			if l.Outcome != load.Unchanged {
				t.Errorf("seed %d: %s again: %s", seed, l.Date, l.Outcome)
			}
		}
		if diff := cmp.Diff(before, everything(t, db)); diff != "" {
			t.Errorf("seed %d: again: %s", seed, diff)
		}
		noStaging(t, db)
	}
}

// twoNights overlap by a day, in which the second sees a late event and a changed video.
func twoNights() (night, night) {
	one := night{
		date: day1, from: at("2027-01-08T00:00:00Z"),
		started: []startedHour{{"2027-01-08 09", large, at("2027-01-08T09:59:59.9Z"), 2}, {"2027-01-09 10", 7, at("2027-01-09T10:00:00Z"), 1}},
		media:   []media{{"0_a", at("2027-01-08T01:00:00Z"), "A", 5}, {"0_A", at("2027-01-09T01:00:00Z"), "B", 6}},
		courses: []mediaCourse{{"0_A", 1, false}, {"0_A", 1, true}, {"0_A", 2, false}, {"0_a", 1, false}},
	}
	two := night{
		date: day2, from: at("2027-01-09T00:00:00Z"),
		started: []startedHour{{"2027-01-09 10", 7, at("2027-01-09T10:30:00Z"), 2}, {"2027-01-10 23", 7, at("2027-01-10T23:00:00Z"), 1}},
		media:   []media{{"0_A", at("2027-01-09T01:00:00Z"), "B2", 6}},
		courses: []mediaCourse{{"0_A", 1, true}, {"0_A", 3, false}, {"0_A", 4, false}},
	}
	return one, two
}

func TestIncrementalHistory(t *testing.T) {
	lk := openLake(t)
	one, two := twoNights()
	one.commit(t, lk)
	two.commit(t, lk)
	cfg, db := database(t)
	p := planOf(mivideo, day2, day2)
	mustLoad(t, lk, cfg, p)
	got := mustLoad(t, lk, cfg, planOf(mivideo, day1, day1))
	// The older date after the newer one adds what only it tells of.
	want := map[string][3]int64{"mivideo_media_started_hourly": {1, 0, 0}, "mivideo_media_created": {1, 0, 0}, "mivideo_media_courses": {1, 0, 0}}
	if diff := cmp.Diff(want, counts(got)); diff != "" || got.Outcome != load.Loaded {
		t.Errorf("%s: %s", got.Outcome, diff)
	}
	if diff := cmp.Diff(wantMIVIDEO([]night{one, two}), tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	// Its load makes the data no older.
	if diff := cmp.Diff("UNIZIN_DATA_PLATFORM_EVENTS 2027-01-11 00:00:00 1\nKALTURA_API 2027-01-11 07:00:00 1\nUNIZIN_DATA_PLATFORM_EVENTS 2027-01-11 00:00:00 2\nKALTURA_API 2027-01-11 07:00:00 2\n",
		query(t, db, "SELECT data_source_name, data_updated_at, job_run_id FROM data_source_status ORDER BY id")); diff != "" {
		t.Errorf("data_source_status: %s", diff)
	}
	if diff := cmp.Diff("2027-01-10 2027-01-08 00:00:00.000000 2027-01-10 00:00:00.000000\n2027-01-11 2027-01-09 00:00:00.000000 2027-01-11 00:00:00.000000\n",
		query(t, db, "SELECT dt, interval_from, interval_to FROM load_record WHERE table_name = 'mivideo_media_started_hourly' ORDER BY dt")); diff != "" {
		t.Errorf("load_record: %s", diff)
	}
	// A row that was taken away by hand comes back.
	if _, err := db.Exec("DELETE FROM mivideo_media_courses WHERE media_id = '0_a'"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][3]int64{"mivideo_media_courses": {1, 0, 0}}, counts(mustLoad(t, lk, cfg, planOf(mivideo, day1, day1)))); diff != "" {
		t.Error(diff)
	}
}

// What only goes together is loaded together.
func TestSubsetBringsItsCompanions(t *testing.T) {
	lk := openLake(t)
	one, _ := twoNights()
	one.commit(t, lk)
	cfg, db := database(t)
	for _, name := range []string{"mivideo_media_courses", "mivideo_media_created"} {
		p := planOf(mivideo, day1, day1)
		p.Tables, p.DryRun = []string{name}, true
		if got := mustLoad(t, lk, cfg, p); len(got.Tables) != 2 || got.Outcome != load.Planned {
			t.Errorf("%s: %s, %d tables", name, got.Outcome, len(got.Tables))
		}
	}
	if got := tables(t, db); len(got) > 0 {
		t.Errorf("a dry run left %v", got)
	}
}

// A date that is made anew and tells of less gives the rest back to older dates, or to nobody. That is refused where it is much.
func TestMadeAnewWithLess(t *testing.T) {
	lk := openLake(t)
	one, two := twoNights()
	one.started = append(one.started, startedHour{"2027-01-09 11", 8, at("2027-01-09T11:00:00Z"), 4})
	one.commit(t, lk)
	cfg, db := database(t)
	mustLoad(t, lk, cfg, planOf(mivideo, day1, day1))
	all := two
	all.from = at("2027-01-08T09:00:00Z")
	all.started = append([]startedHour{{"2027-01-08 09", large, at("2027-01-08T09:59:00Z"), 9}}, two.started...)
	all.media = append(all.media, media{"0_b", at("2027-01-10T01:00:00Z"), "C", 7})
	all.courses = append(all.courses, mediaCourse{"0_b", 1, false})
	p := planOf(mivideo, day2, day2)
	p.Drop.Accept = mivideo.Tables
	for _, step := range []struct {
		name  string
		night night
	}{
		{"more", all},
		{"the hour in part only", night{day2, at("2027-01-08T09:45:00Z"), all.started, all.media, all.courses}},
		{"less", two},
		{"nothing", night{date: day2, from: at("2027-01-10T23:00:00Z")}},
	} {
		step.night.commit(t, lk)
		if step.name == "nothing" {
			_, err := load.Run(t.Context(), lk, cfg, planOf(mivideo, day2, day2))
			checkFault(t, err, fault.Data, "--accept-drop ", "mivideo_media_started_hourly")
		}
		mustLoad(t, lk, cfg, p)
		if diff := cmp.Diff(wantMIVIDEO([]night{one, step.night}), tables(t, db)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}

	// Where no other date tells of it, it goes.
	cfg, db = database(t)
	alone := night{day1, at("2027-01-10T00:00:00Z").Add(-time.Hour), nil, nil, nil}
	p = planOf(mivideo, day1, day1)
	p.Drop.Accept = mivideo.Tables
	mustLoad(t, lk, cfg, p)
	alone.commit(t, lk)
	mustLoad(t, lk, cfg, p)
	if got := tables(t, db); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
	if got := query(t, db, "SELECT * FROM load_owner"); got != "" {
		t.Errorf("owners left: %s", got)
	}
}

// A dry run before the first load says what it can.
func TestDryRunOnAnEmptyDatabase(t *testing.T) {
	lk := openLake(t)
	one, two := twoNights()
	one.commit(t, lk)
	two.commit(t, lk)
	placements, meetings := someLTI()
	commitLTI(t, lk, day2, placements, meetings)
	cfg, db := newDatabase(t)
	p := planOf(mivideo, day1, day2)
	p.Jobs, p.DryRun = append(p.Jobs, canvasLTI), true
	result, err := load.Run(t.Context(), lk, cfg, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Loads) != 3 || counts(result.Loads[0])["mivideo_media_courses"] != [3]int64{4, 0, 0} {
		t.Errorf("got %+v", result)
	}
	if s := query(t, db, "SHOW TABLES"); s != "" {
		t.Errorf("it made tables: %s", s)
	}
}

// The rows of an adopted database do not vanish because a source has forgotten them.
func TestAdoptedRowsDoNotVanish(t *testing.T) {
	lk := openLake(t)
	one, _ := twoNights()
	one.commit(t, lk)
	cfg, db := database(t)
	for _, s := range []string{
		"INSERT INTO mivideo_media_started_hourly (event_hour_utc, course_id, event_time_utc_latest, event_count) VALUES ('2026-12-01 10', 1, '2026-12-01 10:00:00', 1), ('2027-01-08 09', 1, '2027-01-08 09:00:00', 1)",
		"INSERT INTO mivideo_media_created VALUES ('0_old', '2026-12-01 10:00:00', 'Old', 1), ('0_A', '2026-12-01 10:00:00', 'Old', 1)",
		"INSERT INTO mivideo_media_courses VALUES ('0_old', 1, 0), ('0_A', 9, 1), ('0_A', 1, 1), ('0_A', 5, 1), ('0_A', 6, 1), ('0_A', 7, 1), ('0_A', 8, 1), ('0_A', 8, 0)",
	} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	before := everything(t, db)
	_, err := load.Run(t.Context(), lk, cfg, planOf(mivideo, day1, day1))
	checkFault(t, err, fault.Data, "mivideo_media_started_hourly 1 of the 1 rows that the interval from 2027-01-08T00:00:00Z to 2027-01-10T00:00:00Z replaces",
		"mivideo_media_courses 3 of the 7 rows", "--accept-drop mivideo_media_courses,mivideo_media_started_hourly")
	if diff := cmp.Diff(before, everything(t, db)); diff != "" {
		t.Error(diff)
	}
	p := planOf(mivideo, day1, day1)
	p.Drop.Accept = mivideo.Tables
	mustLoad(t, lk, cfg, p)
	want := wantMIVIDEO([]night{one})
	want["mivideo_media_started_hourly"] = "2026-12-01 10 1 2026-12-01 10:00:00 1\n" + want["mivideo_media_started_hourly"]
	want["mivideo_media_created"] += "0_old 2026-12-01 10:00:00 Old 1\n"
	want["mivideo_media_courses"] += "0_old 1 0\n"
	if diff := cmp.Diff(want, tables(t, db)); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestBadIntervals(t *testing.T) {
	lk := openLake(t)
	one, _ := twoNights()
	one.started[0].Hour = "2027-01-07 23"
	one.commit(t, lk)
	cfg, db := database(t)
	_, err := load.Run(t.Context(), lk, cfg, planOf(mivideo, day1, day1))
	checkFault(t, err, fault.Data, "mivideo_media_started_hourly", "hour 2027-01-07 23", "outside the interval")
	commitRows(t, lk, lake.Curated("mivideo_media_started_hourly"), day1, lake.NewRunID(time.Now()), one.started, time.Time{}, nil, "event_hour_utc", "course_id")
	_, err = load.Run(t.Context(), lk, cfg, planOf(mivideo, day1, day1))
	checkFault(t, err, fault.Data, "tells no interval", "transform the date again")
	if got := tables(t, db); len(got) > 0 {
		t.Errorf("rows were loaded: %v", got)
	}
}
