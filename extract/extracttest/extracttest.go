// Package extracttest is the suite that every source must pass.
//
// A new source's test is ten lines: a [Suite] that opens the source on a fresh, healthy
// server, or on one that breaks for good at a given table.
package extracttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Suite says how to open a source.
type Suite struct {
	// Open opens the source. Its server answers properly, except that whatever the table broken asks for fails for good;
	// broken is "" for none.
	Open func(t *testing.T, broken string) *extract.Source
	// Broken lists the tables that Open can break; nil means all of the source's.
	Broken []string
	// Now is the time of the run.
	Now time.Time
	// Lake returns a lake that holds what the source's tables follow and nothing of the source; nil means an empty one.
	Lake func(t *testing.T) *lake.Lake
	// MayBeEmpty lists the columns ("table.column") that hold only NULL in the server's data.
	MayBeEmpty []string
}

// Run tests the source.
func Run(t *testing.T, s Suite) {
	t.Run("complete", s.complete)
	t.Run("again", s.again)
	t.Run("subset", s.subset)
	t.Run("cancelled", s.cancelled)
	t.Run("dry run", s.dryRun)
	t.Run("past date", s.pastDate)
	t.Run("unknown table", s.unknownTable)
	broken := s.Broken
	if broken == nil {
		for _, table := range s.Open(t, "").Tables {
			broken = append(broken, table.Name)
		}
	}
	for _, table := range broken {
		t.Run("broken "+table, func(t *testing.T) { s.broken(t, table) })
	}
}

// Lake returns an empty lake in memory.
func Lake(t testing.TB) *lake.Lake {
	t.Helper()
	l, err := lake.Open(t.Context(), "mem://")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// Plan returns the plan of a run of all tables at now.
func Plan(source *extract.Source, now time.Time) extract.Plan {
	return extract.Plan{
		Source: source, Date: lake.DateOf(now), Run: lake.NewRunID(now), ToolVersion: "test", Now: func() time.Time { return now },
		Drop: drop.Rule{Max: 1},
	}
}

// Rows returns the rows of the newest snapshot of a table, in the order of the file.
func Rows[T any](t testing.TB, l *lake.Lake, table lake.Table, d lake.Date) []T {
	t.Helper()
	s, err := l.Find(t.Context(), table, d)
	if err != nil {
		t.Fatal(err)
	}
	var rows []T
	for row, err := range lake.Rows[T](t.Context(), l, s.Manifest) {
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

func (s Suite) lake(t *testing.T) *lake.Lake {
	if s.Lake == nil {
		return Lake(t)
	}
	return s.Lake(t)
}

func (s Suite) run(t *testing.T, l *lake.Lake, p extract.Plan) extract.Result {
	t.Helper()
	result, err := extract.Run(t.Context(), l, p)
	if err != nil {
		t.Fatalf("%v\n%s", err, fault.HintOf(err))
	}
	return result
}

func (s Suite) complete(t *testing.T) {
	l, source := s.lake(t), s.Open(t, "")
	result := s.run(t, l, Plan(source, s.Now))
	if len(result.Tables) != len(source.Tables) {
		t.Fatalf("%d of %d tables in the result", len(result.Tables), len(source.Tables))
	}
	for i, table := range source.Tables {
		name := lake.Raw(source.Name, table.Name)
		snapshot, err := l.Find(t.Context(), name, lake.DateOf(s.Now))
		if err != nil {
			t.Fatal(err)
		}
		m, r := snapshot.Manifest, result.Tables[i]
		switch {
		case r.Table != name || r.Snapshot != snapshot.Path || r.Rows != m.Rows() || r.Bytes != m.Bytes():
			t.Errorf("result %+v does not describe %s", r, snapshot.Path)
		case r.Rows == 0:
			t.Errorf("%s has no rows", name)
		case m.SourceAsOf.IsZero() || m.StartedAt.IsZero() || m.FinishedAt.IsZero() || m.Requests == nil || !slices.Equal(m.Key, table.Key):
			t.Errorf("manifest of %s lacks something: %+v", name, m)
		case !slices.ContainsFunc(m.Columns, func(c lake.Column) bool {
			return c.Name == "fetched_at" && c.Type == lake.Timestamp && !c.Nullable
		}):
			t.Errorf("%s has no fetched_at", name)
		}
		for _, c := range m.Columns {
			if c.Description == "" {
				t.Errorf("column %s.%s has no doc tag", table.Name, c.Name)
			}
		}
		for _, column := range emptyColumns(t, l, m) {
			if id := table.Name + "." + column; !slices.Contains(s.MayBeEmpty, id) {
				t.Errorf("column %s holds only NULL", id)
			}
		}
	}
}

// again runs twice on one date: the second snapshot has the same number of rows.
func (s Suite) again(t *testing.T) {
	l := s.lake(t)
	first := s.run(t, l, Plan(s.Open(t, ""), s.Now))
	second := s.run(t, l, Plan(s.Open(t, ""), s.Now))
	for i, r := range second.Tables {
		if r.Rows != first.Tables[i].Rows || r.Snapshot == first.Tables[i].Snapshot {
			t.Errorf("second run: %+v, first run: %+v", r, first.Tables[i])
		}
	}
}

// subset runs each table alone.
func (s Suite) subset(t *testing.T) {
	for _, table := range s.Open(t, "").Tables {
		l, p := s.lake(t), Plan(s.Open(t, ""), s.Now)
		p.Tables = []string{table.Name}
		result := s.run(t, l, p)
		if len(result.Tables) != 1 || result.Tables[0].Table.Name() != table.Name || result.Tables[0].Rows == 0 {
			t.Errorf("result for %s alone: %+v", table.Name, result.Tables)
		}
		if result.Requests.Total == 0 {
			t.Errorf("no request counted for %s", table.Name)
		}
		for _, other := range p.Source.Tables {
			if other.Name != table.Name {
				absent(t, l, p, other.Name)
			}
		}
	}
}

func (s Suite) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l, p := s.lake(t), Plan(s.Open(t, ""), s.Now)
	p.Progress = func(extract.Progress) { cancel() }
	_, err := extract.Run(ctx, l, p)
	if fault.ClassOf(err) != fault.Interrupted {
		t.Errorf("class of %v is %v, want interrupted", err, fault.ClassOf(err))
	}
	nothing(t, l, p)
}

func (s Suite) dryRun(t *testing.T) {
	l, p := s.lake(t), Plan(s.Open(t, ""), s.Now)
	p.DryRun = true
	result := s.run(t, l, p)
	if len(result.Tables) != len(p.Source.Tables) {
		t.Errorf("dry run tells of %d tables, want %d", len(result.Tables), len(p.Source.Tables))
	}
	nothing(t, l, p)
}

func (s Suite) pastDate(t *testing.T) {
	l, p := s.lake(t), Plan(s.Open(t, ""), s.Now)
	if p.Source.AnyDate {
		t.Skip("this source can tell of past dates")
	}
	p.Date = p.Date.AddDays(-1)
	_, err := extract.Run(t.Context(), l, p)
	if fault.ClassOf(err) != fault.Usage || fault.HintOf(err) == "" {
		t.Errorf("error of a past date: %v", err)
	}
	nothing(t, l, p)
}

func (s Suite) unknownTable(t *testing.T) {
	l, p := s.lake(t), Plan(s.Open(t, ""), s.Now)
	p.Tables = []string{p.Source.Tables[0].Name, "no_such_table"}
	_, err := extract.Run(t.Context(), l, p)
	if fault.ClassOf(err) != fault.Usage || fault.HintOf(err) == "" {
		t.Errorf("error of an unknown table: %v", err)
	}
	nothing(t, l, p)
}

func (s Suite) broken(t *testing.T, table string) {
	l, p := s.lake(t), Plan(s.Open(t, table), s.Now)
	_, err := extract.Run(t.Context(), l, p)
	switch class := fault.ClassOf(err); {
	case class == fault.OK || class == fault.Defect || class == fault.Interrupted:
		t.Errorf("class of %v is %v", err, class)
	case fault.HintOf(err) == "":
		t.Errorf("no remedy for %v", err)
	}
	nothing(t, l, p)
}

// nothing checks that the lake has no snapshot of any table.
func nothing(t *testing.T, l *lake.Lake, p extract.Plan) {
	t.Helper()
	for _, table := range p.Source.Tables {
		absent(t, l, p, table.Name)
	}
}

func absent(t *testing.T, l *lake.Lake, p extract.Plan, table string) {
	t.Helper()
	if s, err := l.Find(t.Context(), lake.Raw(p.Source.Name, table), p.Date); !errors.Is(err, lake.ErrNotFound) {
		t.Error(fmt.Errorf("%s was committed (%w)", s.Path, err))
	}
}
