package upkeep_test

import (
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

func together(m *lake.Manifest) { m.Together = []lake.Table{rawCourse, rawTerm} }

const rawTerm = lake.Table("raw/canvas/term")

// A run that was killed after the first of two tables is passed over by those who read both, so what it replaced stays, until a
// whole run has replaced that.
func TestCleanAfterTornRun(t *testing.T) {
	f := newFixture(t)
	d := date("2026-03-01")
	at := morning(d)
	f.commitAt(at, rawCourse, d, 1, together)
	f.commitAt(at, rawTerm, d, 1, together)
	f.commitAt(at.Add(day), rawCourse, d, 2, together) // and no more
	o := upkeep.CleanOptions{Grace: day, Now: april.AddDate(1, 0, 0)}
	chosen := func() int64 {
		t.Helper()
		found, _, err := f.Together(t.Context(), d, []lake.Table{rawCourse, rawTerm})
		f.check(err)
		return found[rawCourse].Rows()
	}
	f.age(at)
	if done := f.clean(o); len(done.Deletions) > 0 || chosen() != 1 {
		t.Errorf("after a torn run the snapshot with %d rows is chosen, gone is %+v", chosen(), done.Deletions)
	}
	if p := f.plan(o); len(p.Held) != 1 || p.Held[0].Why != upkeep.HeldTorn {
		t.Errorf("held: %+v", p.Held)
	}

	f.commitAt(at.Add(2*day), rawCourse, d, 3, together)
	f.commitAt(at.Add(2*day), rawTerm, d, 3, together)
	f.age(at)
	if done := f.clean(o); len(done.Deletions) != 6 || chosen() != 3 {
		t.Errorf("after a whole run the snapshot with %d rows is chosen, gone is %+v", chosen(), done.Deletions)
	}
}

// A torn run is told of once until a whole one comes after it.
func TestVerifyTornRun(t *testing.T) {
	f := newFixture(t)
	d := date("2026-03-01")
	at := morning(d)
	f.commitAt(at, rawCourse, d, 1, together)
	f.commitAt(at, rawTerm, d, 1, together)
	found := func() (all []upkeep.Finding) {
		t.Helper()
		v, err := upkeep.Verify(t.Context(), f.Lake, upkeep.VerifyOptions{Now: april, Grace: day})
		f.check(err)
		for _, one := range v.Findings {
			if one.Code == "torn-run" {
				all = append(all, one)
			}
		}
		return all
	}
	if n := found(); len(n) > 0 {
		t.Errorf("of a whole run: %+v", n)
	}
	f.commitAt(at.Add(day), rawCourse, d, 2, together) // and no more
	if n := found(); len(n) != 1 || n[0].Severity != upkeep.Note || n[0].Date != d || n[0].Remedy == "" {
		t.Errorf("of a torn run: %+v", n)
	}
	f.commitAt(at.Add(2*day), rawCourse, d, 3, together)
	f.commitAt(at.Add(2*day), rawTerm, d, 3, together)
	if n := found(); len(n) > 0 {
		t.Errorf("of a torn run that another followed: %+v", n)
	}
}
