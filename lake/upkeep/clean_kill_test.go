package upkeep_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

// mortal is a store that does no more than a number of changes, as if its process was killed then.
type mortal struct {
	store.Store
	left atomic.Int64
}

var errKilled = errors.New("killed")

func (m *mortal) Create(ctx context.Context, key string, data []byte) error {
	if m.left.Add(-1) < 0 {
		return errKilled
	}
	return m.Store.Create(ctx, key, data)
}

func (m *mortal) Delete(ctx context.Context, key string) error {
	if m.left.Add(-1) < 0 {
		return errKilled
	}
	return m.Store.Delete(ctx, key)
}

// copy returns a store with copies of the lake's objects, as old as those, and the lake in it.
func (f fixture) copy() (store.Store, fixture) {
	f.t.Helper()
	dir := f.t.TempDir()
	f.check(os.CopyFS(dir, os.DirFS(f.Dir())))
	f.check(f.Walk(f.t.Context(), "", func(o lake.Object) {
		f.check(os.Chtimes(dir+"/"+o.Key, o.Modified, o.Modified))
	}))
	disk := store.Disk{Dir: dir}
	return disk, fixture{f.t, lake.New(disk, "file://"+dir)}
}

// seen is what readers see: every date of the tables with its rows' ids.
func (f fixture) seen(except map[string]bool) map[string]int64 {
	f.t.Helper()
	all := map[string]int64{}
	for _, table := range []lake.Table{rawCourse, course, enrollment, plays} {
		dates, err := f.Dates(f.t.Context(), table)
		f.check(err)
		for _, d := range dates {
			s, err := f.Find(f.t.Context(), table, d)
			f.check(err)
			if except[string(table)+d.String()] {
				continue
			}
			all[s.Path] = 0
			for _, err := range lake.Rows[row](f.t.Context(), f.Lake, s.Manifest) {
				f.check(err)
				all[s.Path]++
			}
		}
	}
	return all
}

// settled cleans up until nothing is left to do, long after, and returns the objects that are still there.
func (f fixture) settled(o upkeep.CleanOptions) []string {
	f.t.Helper()
	o.Now = april.AddDate(1, 0, 0)
	for range 4 {
		if done := f.clean(o); len(done.Deletions)+len(done.Removals) == 0 {
			return f.objects()
		}
	}
	f.t.Error("a clean-up always finds something to delete")
	return nil
}

// A clean-up that is killed after any of its changes leaves every snapshot that is kept as it was, and the next one ends its work.
func TestCleanKilled(t *testing.T) {
	f := newFixture(t)
	f.made("2026-01-01", "2026-01-02", "2026-01-31", "2026-03-31")
	for _, d := range []lake.Date{date("2026-01-31"), date("2026-03-31")} {
		for i := range 3 {
			f.commitAt(morning(d).AddDate(0, 0, i), course, d, 20+i)
		}
	}
	f.write(course, date("2026-03-31"), "killed", rows(9))
	f.put("_checkpoints/old", "x")
	f.age(april.Add(-10 * day))
	o := upkeep.CleanOptions{Retention: upkeep.Retention{Days: 10, MonthEnds: true}, Now: april}
	p := f.plan(o)
	expired := map[string]bool{}
	for _, e := range p.Expiries {
		expired[string(e.Table)+e.Date.String()] = true
	}
	want := f.seen(expired)
	_, whole := f.copy()
	whole.clean(o)
	end := whole.settled(o)

	changes := len(p.Expiries) + len(p.Deletions)
	if changes < 20 || len(want) == 0 {
		t.Fatalf("%d changes, %d snapshots: too few for a test", changes, len(want))
	}
	for n := range changes {
		disk, reader := f.copy()
		m := &mortal{Store: disk}
		m.left.Store(int64(n))
		l := lake.New(m, "file://mortal")
		p, err := upkeep.PlanClean(t.Context(), l, o)
		f.check(err)
		if _, err := p.Clean(t.Context(), l, gcRemoval(april), nil); !errors.Is(err, errKilled) {
			t.Fatalf("killed after %d changes of %d: %v", n, changes, err)
		}
		if diff := cmp.Diff(want, reader.seen(expired)); diff != "" {
			t.Fatalf("after %d changes readers see (-want +got):\n%s", n, diff)
		}
		if diff := cmp.Diff(end, reader.settled(o)); diff != "" {
			t.Fatalf("killed after %d changes, and run again, (-want +got):\n%s", n, diff)
		}
		if v := reader.verify(upkeep.VerifyOptions{}); v.Damaged() > 0 {
			var out bytes.Buffer
			v.Print(&out)
			t.Fatalf("killed after %d changes: %s", n, out.Bytes())
		}
	}
}
