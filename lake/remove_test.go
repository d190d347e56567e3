package lake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

type removable struct {
	ID int64 `parquet:"id"`
}

const removableTable = lake.Table("curated/thing")

var removedAt = time.Date(2026, 3, 9, 8, 7, 6, 0, time.UTC)

func removal(reason string) lake.Removal {
	return lake.Removal{Run: lake.NewRunID(removedAt), ToolVersion: "test", At: removedAt, Reason: reason}
}

func date(t *testing.T, s string) lake.Date {
	t.Helper()
	d, err := lake.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// publishIDs commits a snapshot with those ids.
func publishIDs(t *testing.T, l *lake.Lake, d lake.Date, ids ...int64) lake.Snapshot {
	t.Helper()
	run := lake.NewRunID(removedAt.Add(-24 * time.Hour))
	w, err := lake.NewWriter[removable](t.Context(), l, lake.Part{Table: removableTable, Date: d, Run: run, SortBy: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := w.Write(removable{id}); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	columns, err := lake.ColumnsOf[removable]()
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Commit(t.Context(), lake.Manifest{Table: removableTable, Date: d, Run: run, Files: []lake.File{f}, Columns: columns, Key: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dates(t *testing.T, l *lake.Lake) string {
	t.Helper()
	all, err := l.Dates(t.Context(), removableTable)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, d := range all {
		texts = append(texts, d.String())
	}
	return strings.Join(texts, " ")
}

func TestRemoveAndRestore(t *testing.T) {
	l := open(t, "mem://")
	first, second := date(t, "2026-03-01"), date(t, "2026-03-02")
	publishIDs(t, l, first, 1)
	publishIDs(t, l, second, 1, 2)
	s := publishIDs(t, l, second, 1, 2, 3)

	removed, err := l.Remove(t.Context(), s, removal("a mistake"))
	if err != nil || removed.Number != 3 || !removed.Removed || len(removed.Files) != 0 {
		t.Fatalf("removed: %+v, %v", removed.Manifest, err)
	}
	_, err = l.Find(t.Context(), removableTable, second)
	if !errors.Is(err, lake.ErrNotFound) || !strings.Contains(err.Error(), "was removed at 2026-03-09T08:07:06Z") || !strings.Contains(fault.HintOf(err), "lake rm --undo curated/thing 2026-03-02 --yes") {
		t.Errorf("Find: %v (%s)", err, fault.HintOf(err))
	}
	if got := dates(t, l); got != "2026-03-01" {
		t.Errorf("dates: %s", got)
	}
	if before, err := l.Before(t.Context(), removableTable, date(t, "2026-03-05")); err != nil || before.Date != first {
		t.Errorf("Before: %s, %v", before.Date, err)
	}

	restored, err := l.Restore(t.Context(), removableTable, second, removal("not a mistake"))
	if err != nil {
		t.Fatal(err)
	}
	want := s.Manifest
	want.Number, want.Notes = 4, []string{"not a mistake"}
	if diff := cmp.Diff(want, restored.Manifest); diff != "" {
		t.Errorf("restored (-want +got):\n%s", diff)
	}
	if found, err := l.Find(t.Context(), removableTable, second); err != nil || found.Path != restored.Path {
		t.Errorf("found %s, %v", found.Path, err)
	}
	if _, err := l.Restore(t.Context(), removableTable, second, removal("")); fault.ClassOf(err) != fault.Usage {
		t.Errorf("restoring what is there: %v", err)
	}
	if _, err := l.Restore(t.Context(), removableTable, date(t, "2026-03-03"), removal("")); fault.ClassOf(err) != fault.Usage {
		t.Errorf("restoring what never was: %v", err)
	}
}

func TestRemoveWhatIsNotNewest(t *testing.T) {
	l := open(t, "mem://")
	d := date(t, "2026-03-01")
	old := publishIDs(t, l, d, 1)
	newest := publishIDs(t, l, d, 1, 2)
	if _, err := l.Remove(t.Context(), old, removal("late")); !errors.Is(err, lake.ErrChanged) || fault.ClassOf(err) != fault.Temporary {
		t.Errorf("removing a superseded snapshot: %v", err)
	}
	if found, err := l.Find(t.Context(), removableTable, d); err != nil || found.Path != newest.Path {
		t.Errorf("found %s, %v", found.Path, err)
	}
}

func TestRestoreWithoutFiles(t *testing.T) {
	l := open(t, "mem://")
	d := date(t, "2026-03-01")
	s := publishIDs(t, l, d, 1)
	if _, err := l.Remove(t.Context(), s, removal("a mistake")); err != nil {
		t.Fatal(err)
	}
	l.Discard(t.Context(), s.Files...)
	if _, err := l.Restore(t.Context(), removableTable, d, removal("not a mistake")); fault.ClassOf(err) != fault.Data {
		t.Errorf("restore without files: %v", err)
	}
	if got := dates(t, l); got != "" {
		t.Errorf("the failed restore left dates: %s", got)
	}
	if err := l.Delete(t.Context(), s.Path); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Restore(t.Context(), removableTable, d, removal("")); fault.ClassOf(err) != fault.Data {
		t.Errorf("restore without a manifest: %v", err)
	}
	// Making the date again works in any case.
	publishIDs(t, l, d, 5)
	if got := dates(t, l); got != "2026-03-01" {
		t.Errorf("dates: %s", got)
	}
}

func TestPlaceOf(t *testing.T) {
	d := date(t, "2026-03-01")
	for key, want := range map[string]lake.Place{
		"curated/course/dt=2026-03-01/_manifest-000012.json":       {Kind: lake.ManifestObject, Table: "curated/course", Date: d, Number: 12},
		"raw/canvas/course/dt=2026-03-01/run=R/part-00003.parquet": {Kind: lake.PartObject, Table: "raw/canvas/course", Date: d, Run: "R"},
		"raw/canvas/course/dt=2026-03-01/run=R/.tmp-1":             {Kind: lake.TemporaryObject},
		"_runs/01J.json":         {Kind: lake.RunObject, Run: "01J"},
		"_runs/01J.txt":          {Odd: "it is in no table"},
		"_checkpoints/x/y":       {Kind: lake.CheckpointObject},
		"_catalog/files.parquet": {Kind: lake.CatalogObject},
		"_reports/latest.html":   {Kind: lake.DerivedObject},
		"_lineage/X.ndjson":      {Kind: lake.DerivedObject, Run: "X"},
		"_reports/index.html":    {Kind: lake.DerivedObject},
		"_lineage/x.json":        {Kind: lake.DerivedObject},
		"notes.txt":              {Odd: "it is in no table"},
		"curated/x.csv":          {Odd: "it is in no table"},
		"raw/canvas/course":      {Odd: "it is in no table"},
		"curated/course/x.csv":   {Odd: "it is in no date of the table curated/course"},
		"curated/course/dt=2026-02-30/_manifest-000001.json":             {Odd: "2026-02-30 is no date"},
		"curated/course/dt=2026-03-01":                                   {Odd: "it is in the place of a date's directory"},
		"curated/course/dt=2026-03-01/_manifest-000001.json/x":           {Odd: "it is in a directory named like a manifest"},
		"curated/course/dt=2026-03-01/_manifest-+00001.json":             {Odd: "it is neither a manifest nor a part of a run"},
		"curated/course/dt=2026-03-01/_manifest-1.json":                  {Odd: "it is neither a manifest nor a part of a run"},
		"curated/course/dt=2026-03-01/run=R/part-1.parquet":              {Odd: "it is neither a manifest nor a part of a run"},
		"curated/course/dt=2026-03-01/run=R/deeper/part-00000.parquet":   {Odd: "it is neither a manifest nor a part of a run"},
		"curated/course/dt=2026-03-01/run=R/part-00000.parquet.backup":   {Odd: "it is neither a manifest nor a part of a run"},
		"raw/canvas/course/extra/dt=2026-03-01/run=R/part-00003.parquet": {Odd: "it is in no date of the table raw/canvas/course"},
	} {
		if got := lake.PlaceOf(key); got != want {
			t.Errorf("%s is %+v, want %+v", key, got, want)
		}
	}
}
