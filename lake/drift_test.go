package lake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestDrift(t *testing.T) {
	l := open(t, "mem://")
	table := lake.Raw("test", "thing")
	manifest := func(day string, fields []lake.Field, columns ...lake.Column) lake.Manifest {
		d, err := lake.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		return lake.Manifest{Table: table, Date: d, Run: lake.NewRunID(time.Now()), Columns: columns, SourceFields: fields}
	}
	commit := func(m lake.Manifest) {
		t.Helper()
		if _, err := l.Commit(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	id := lake.Column{Name: "id", Type: lake.BigInt}
	name := lake.Column{Name: "name", Type: lake.Varchar}
	optional := lake.Column{Name: "name", Type: lake.Varchar, Nullable: true}
	field := func(name string, types ...string) lake.Field { return lake.Field{Name: name, Types: types} }
	was := []lake.Field{field("gone", "string"), field("id", "number"), field("late"), field("size", "number", "string")}

	first := manifest("2026-03-01", was, id, name)
	if err := l.DescribeDrift(t.Context(), &first, false); err != nil || first.Drift != nil {
		t.Fatalf("without a snapshot before: %v, %v", first.Drift, err)
	}
	commit(first)
	for _, test := range []struct {
		what  string
		m     lake.Manifest
		want  []lake.Drift
		wrong string
	}{
		{what: "the same", m: manifest("2026-03-02", was, id, name)},
		{what: "a source that showed nothing", m: manifest("2026-03-02", nil, id, name)},
		{what: "an earlier date", m: manifest("2026-02-28", nil, id)},
		{what: "same date again", m: manifest("2026-03-01", nil, id), want: []lake.Drift{{Of: "table", Name: "name", Change: "lost", From: "VARCHAR"}}},
		{what: "columns", m: manifest("2026-03-09", nil, id, optional, lake.Column{Name: "at", Type: lake.Timestamp, Nullable: true}), want: []lake.Drift{
			{Of: "table", Name: "name", Change: "nullable", From: "NOT NULL", To: "NULL"},
			{Of: "table", Name: "at", Change: "added", To: "TIMESTAMP"},
		}},
		{what: "fields", m: manifest("2026-03-02", []lake.Field{field("id", "string"), field("late", "object"), field("new", "array"), field("size", "number")}, id, name), want: []lake.Drift{
			{Of: "source", Name: "id", Change: "type", From: "number", To: "string"},
			{Of: "source", Name: "new", Change: "added", To: "array"},
			{Of: "source", Name: "gone", Change: "lost", From: "string"},
		}},
		{what: "type", m: manifest("2026-03-02", nil, lake.Column{Name: "id", Type: lake.Varchar}, name), want: []lake.Drift{
			{Of: "table", Name: "id", Change: "type", From: "BIGINT", To: "VARCHAR"},
		}, wrong: "column id of raw/test/thing would become VARCHAR, it is BIGINT in raw/test/thing/dt=2026-03-01/_manifest-000001.json"},
	} {
		t.Run(test.what, func(t *testing.T) {
			err := l.DescribeDrift(t.Context(), &test.m, false)
			if diff := cmp.Diff(test.want, test.m.Drift); diff != "" {
				t.Errorf("drift (-want +got):\n%s", diff)
			}
			switch {
			case test.wrong == "" && err != nil:
				t.Error(err)
			case test.wrong != "" && (err == nil || err.Error() != test.wrong || fault.ClassOf(err) != fault.Data || !strings.Contains(fault.HintOf(err), "--accept-type-change thing")):
				t.Errorf("got %v (%s)", err, fault.HintOf(err))
			}
			if err := l.DescribeDrift(t.Context(), &test.m, true); err != nil {
				t.Errorf("accepted: %v", err)
			}
		})
	}
}
