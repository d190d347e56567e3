package upkeep_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

const (
	enrollment = lake.Table("curated/enrollment")
	term       = lake.Table("curated/term")
	day        = 24 * time.Hour
)

func (f fixture) plan(o upkeep.CleanOptions) *upkeep.Plan {
	f.t.Helper()
	if o.Now.IsZero() {
		o.Now = april
	}
	p, err := upkeep.PlanClean(f.t.Context(), f.Lake, o)
	f.check(err)
	return p
}

func gcRemoval(at time.Time) lake.Removal {
	return lake.Removal{Run: runID(at), At: at, Reason: "LAKE.retention does not keep the date"}
}

func (f fixture) clean(o upkeep.CleanOptions) upkeep.Cleaning {
	f.t.Helper()
	p := f.plan(o)
	var told []upkeep.Deletion
	done, err := p.Clean(f.t.Context(), f.Lake, gcRemoval(april), func(d upkeep.Deletion) { told = append(told, d) })
	f.check(err)
	if len(told) != len(done.Deletions) {
		f.t.Errorf("told of %d deletions of %d", len(told), len(done.Deletions))
	}
	return done
}

var keepMonth = upkeep.Retention{Days: 14, MonthEnds: true, TermEnds: true}

func TestPlan(t *testing.T) {
	f := year(t)
	before := f.objects()
	for name, o := range map[string]upkeep.CleanOptions{
		"plan_all_dates.txt": {Grace: day},
		"plan_retention.txt": {Grace: day, Retention: keepMonth},
		"plan_no_grace.txt":  {Retention: keepMonth},
	} {
		var out bytes.Buffer
		f.plan(o).Print(&out, 0)
		golden(t, name, out.Bytes())
	}
	if diff := cmp.Diff(before, f.objects()); diff != "" {
		t.Errorf("planning changed the lake:\n%s", diff)
	}
}

func (f fixture) dates(t lake.Table) []string {
	f.t.Helper()
	all, err := f.Dates(f.t.Context(), t)
	f.check(err)
	var texts []string
	for _, d := range all {
		texts = append(texts, d.String())
	}
	return texts
}

func TestCleanKeepsWhatIsNeeded(t *testing.T) {
	f := year(t)
	first := f.clean(upkeep.CleanOptions{Grace: day, Retention: keepMonth})
	want := []string{"2026-01-31", "2026-02-10", "2026-02-28", "2026-03-19", "2026-03-20", "2026-03-31", "2026-04-01"}
	for _, table := range []lake.Table{rawCourse, course} {
		if diff := cmp.Diff(want, f.dates(table)); diff != "" {
			t.Errorf("dates of %s (-want +got):\n%s", table, diff)
		}
	}
	if got := f.dates(plays); !slices.Equal(got, []string{"2026-01-01", "2026-03-20"}) {
		t.Errorf("dates that hold intervals: %s", got)
	}
	if len(first.Removals) != 2*(15-len(want)) || first.Bytes() == 0 {
		t.Errorf("%d removals, %d bytes", len(first.Removals), first.Bytes())
	}
	// Nothing of the removed dates is gone before the grace, and any can be brought back.
	_, err := f.Restore(t.Context(), course, date("2026-02-20"), gcRemoval(april))
	f.check(err)

	later := april.AddDate(1, 0, 0)
	second := f.clean(upkeep.CleanOptions{Grace: day, Now: later})
	third := f.clean(upkeep.CleanOptions{Grace: day, Now: later})
	if len(second.Deletions) == 0 || len(third.Deletions) == 0 { // the removals themselves go last
		t.Errorf("%d, then %d deletions", len(second.Deletions), len(third.Deletions))
	}
	if fourth := f.clean(upkeep.CleanOptions{Grace: day, Now: later}); len(fourth.Deletions) > 0 {
		t.Errorf("still something to delete: %+v", fourth.Deletions)
	}
	v := f.verify(upkeep.VerifyOptions{Deep: true, Now: later})
	if v.Damaged() > 0 {
		t.Errorf("damage after clean-ups: %+v", v.Findings)
	}
	left := f.objects()
	for _, key := range []string{
		"README.txt",
		"curated/enrollment/dt=2026-03-20/_manifest-000001.json",                   // the rejected rows were made from it
		"curated/mivideo_media_started_hourly/dt=2026-03-20/_manifest-000001.json", // MySQL may stand on it
		"curated/course/dt=2026-02-27/_manifest-000001.json",                       // 28 February was made from it
		"raw/canvas/course/dt=2026-02-28/_manifest-000001.json",
		"raw/canvas/course/dt=2026-02-20/_manifest-000001.json", // of what was brought back
	} {
		if !slices.Contains(left, key) {
			t.Errorf("%s is gone", key)
		}
	}
	for _, key := range left {
		for _, gone := range []string{"raw/canvas/course/dt=2026-02-11", "raw/canvas/course/dt=2026-02-27", "curated/enrollment/dt=2026-03-01", ".tmp-", "_checkpoints", "hourly__rejected/dt=2026-03-20/_manifest-000001"} {
			if strings.Contains(key, gone) {
				t.Errorf("%s is still there", key)
			}
		}
	}
}

func TestCleanWithDamage(t *testing.T) {
	f := newFixture(t)
	d := date("2026-03-01")
	old := f.commit(course, d, 5)
	f.commitAt(morning(d).Add(time.Hour), course, d, 6)
	fine := f.commit(rawCourse, d, 5)
	f.commitAt(morning(d).Add(time.Hour), rawCourse, d, 6)
	f.edit(old.Path, func([]byte) []byte { return []byte("{") })
	f.age(april)
	done := f.clean(upkeep.CleanOptions{Now: april.Add(2 * day), Grace: day})
	var gone []string
	for _, o := range done.Deletions {
		gone = append(gone, o.Object)
	}
	if diff := cmp.Diff([]string{fine.Path, fine.Files[0].Path}, gone); diff != "" {
		t.Errorf("gone (-want +got):\n%s", diff)
	}
	p := f.plan(upkeep.CleanOptions{Now: april.Add(2 * day), Grace: day})
	if len(p.LeftAlone) != 1 || p.LeftAlone[0].Object != old.Path {
		t.Errorf("left alone: %+v", p.LeftAlone)
	}

	f.edit(fmt.Sprintf("%s/dt=%s/_manifest-000002.json", course, d), func([]byte) []byte { return []byte("{") })
	_, err := upkeep.PlanClean(t.Context(), f.Lake, upkeep.CleanOptions{Now: april, Grace: day})
	if fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), "_manifest-000002.json") || !strings.Contains(fault.HintOf(err), "verify") {
		t.Errorf("a snapshot in force that cannot be read: %v (%s)", err, fault.HintOf(err))
	}
}
