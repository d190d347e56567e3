package load_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// A date that a run under a clock in the future loaded is as if never loaded, once the clock is right: the tables and the loads' own
// records are those of the right dates alone, whether the lake still has it or not.
func TestDateInTheFuture(t *testing.T) {
	for _, removed := range []bool{false, true} {
		r := rand.New(rand.NewPCG(3, 1))
		v := newVideos(r, at("2026-12-31T10:30:00Z"), 6)
		first := mustDate("2027-01-02")
		lk := openLake(t)
		cfg, db := database(t)
		var nights []night
		for i := range 3 {
			nights = append(nights, v.night(first.AddDays(i)))
			nights[i].commit(t, lk)
		}
		mustLoad(t, lk, cfg, planOf(mivideo, nights[0].date, nights[0].date))
		want := tables(t, db)

		mistaken := v.night(first.AddDays(2))
		mistaken.date, mistaken.from = mustDate("2099-01-01"), v.start
		mistaken.commit(t, lk)
		p := planOf(mivideo, mistaken.date, mistaken.date)
		p.Drop.Accept = mivideo.Tables
		p.Now = func() time.Time { return mistaken.date.Time() }
		mustLoad(t, lk, cfg, p)
		if cmp.Equal(want, tables(t, db)) {
			t.Fatal("the mistaken date changed nothing")
		}
		if removed {
			for _, name := range mivideo.Tables {
				remove(t, lk, name, mistaken.date)
			}
		}

		// Also a load of what it holds already takes the mistaken date away.
		mustLoad(t, lk, cfg, planOf(mivideo, nights[0].date, nights[0].date))
		if diff := cmp.Diff(wantMIVIDEO(nights[:1]), tables(t, db)); diff != "" {
			t.Errorf("after the date before it (-want +got):\n%s", diff)
		}
		for _, n := range nights[1:] {
			p := planOf(mivideo, n.date, n.date)
			p.Drop.Accept = mivideo.Tables
			mustLoad(t, lk, cfg, p)
		}
		if diff := cmp.Diff(wantMIVIDEO(nights), tables(t, db)); diff != "" {
			t.Errorf("after all dates (-want +got):\n%s", diff)
		}
		for _, table := range []string{"load_record", "load_owner"} {
			if got := query(t, db, "SELECT COUNT(*) FROM "+table+" WHERE dt > '2098-01-01'"); strings.TrimSpace(got) != "0" {
				t.Errorf("%s rows of the mistaken date in %s", got, table)
			}
		}
		if got := query(t, db, "SELECT COUNT(*) FROM data_source_status WHERE data_updated_at > '2098-01-01'"); strings.TrimSpace(got) != "0" {
			t.Errorf("%s sources are as current as the mistaken date", got)
		}
	}
}

func remove(t *testing.T, lk *lake.Lake, table string, d lake.Date) {
	t.Helper()
	s, err := lk.Find(t.Context(), lake.Curated(table), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lk.Remove(t.Context(), s, lake.Removal{Run: lake.NewRunID(now), At: now, Reason: "by mistake"}); err != nil {
		t.Fatal(err)
	}
}

// A date that only this program's clock takes for one in the future is believed to be a mistake where the lake has it no more. Else
// the clock may be wrong, and nothing is touched.
func TestClockBehindTheLoads(t *testing.T) {
	lk := openLake(t)
	cfg, db := database(t)
	v := newVideos(rand.New(rand.NewPCG(4, 1)), at("2020-01-01T00:00:00Z"), 6)
	old, late := v.night(mustDate("2020-01-03")), v.night(mustDate("2020-01-06"))
	old.commit(t, lk)
	late.commit(t, lk)
	mustLoad(t, lk, cfg, planOf(mivideo, late.date, late.date))
	before := tables(t, db)

	p := planOf(mivideo, old.date, old.date)
	p.Drop.Accept = mivideo.Tables
	p.Now = func() time.Time { return old.date.Time().Add(9 * time.Hour) }
	_, err := load.Run(t.Context(), lk, cfg, p)
	if fault.ClassOf(err) != fault.Config || !strings.Contains(err.Error(), "2020-01-06") || !strings.Contains(fault.HintOf(err), "lake rm --after 2020-01-03 --yes") {
		t.Errorf("%v, class %v, remedy %q", err, fault.ClassOf(err), fault.HintOf(err))
	}
	if diff := cmp.Diff(before, tables(t, db)); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
	for _, name := range mivideo.Tables {
		remove(t, lk, name, late.date)
	}
	mustLoad(t, lk, cfg, p)
	if diff := cmp.Diff(wantMIVIDEO([]night{old}), tables(t, db)); diff != "" {
		t.Errorf("after the removal (-want +got):\n%s", diff)
	}
}
