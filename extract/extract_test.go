package extract_test

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

var now = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

type row struct {
	ID        int64     `parquet:"id" doc:"the key"`
	FetchedAt time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when"`
}

// count yields n rows, backwards, then err if there is one.
func count(n int64, err error) func(context.Context) iter.Seq2[row, error] {
	return func(context.Context) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			for i := n; i > 0; i-- {
				if !yield(row{i, now}, nil) {
					return
				}
			}
			if err != nil {
				yield(row{}, err)
			}
		}
	}
}

func source(tables ...extract.Table) *extract.Source {
	return &extract.Source{Name: "test", Tables: tables}
}

func absent(t *testing.T, l *lake.Lake, tables ...string) {
	t.Helper()
	for _, name := range tables {
		if s, err := l.Find(t.Context(), lake.Raw("test", name), lake.DateOf(now)); !errors.Is(err, lake.ErrNotFound) {
			t.Errorf("%s was committed", s.Path)
		}
	}
}

func TestManifest(t *testing.T) {
	l := extracttest.Lake(t)
	asOf := now.Add(-5 * time.Hour)
	told := extract.NewTable("told", []string{"id"}, func(ctx context.Context) iter.Seq2[row, error] {
		told := tally.Of(ctx)
		told.Request(false)
		told.Request(true)
		told.Throttled()
		told.Note("%d courses are odd.", 3)
		told.Count(7, 6)
		told.AsOf(asOf)
		tally.Of(tally.For(ctx, "elsewhere")).Request(false)
		return count(2000, nil)(ctx)
	})
	closed := 0
	s := source(told, extract.NewTable("plain", nil, count(0, nil)))
	s.Close = func() error { closed++; return nil }
	p := extracttest.Plan(s, now)
	p.SimulatedClock = true
	result, err := extract.Run(t.Context(), l, p)
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.Find(t.Context(), "raw/test/told", p.Date)
	if err != nil {
		t.Fatal(err)
	}
	want := lake.Manifest{
		FormatVersion: lake.FormatVersion, Table: "raw/test/told", Date: p.Date, Number: 1, Run: p.Run, ToolVersion: "test", SimulatedClock: true,
		Together: []lake.Table{"raw/test/told", "raw/test/plain"},
		Files:    m.Files, Key: []string{"id"}, SourceAsOf: asOf, StartedAt: now, FinishedAt: now,
		Columns: []lake.Column{
			{Name: "id", Type: lake.BigInt, Description: "the key"},
			{Name: "fetched_at", Type: lake.Timestamp, Description: "when"},
		},
		Requests: &lake.Requests{Total: 2, Retried: 1, Throttled: 1}, Counts: &lake.Counts{Expected: 7, Found: 6}, Notes: []string{"3 courses are odd."},
		Checks: []lake.Check{{Name: drop.RowCount, Passed: true, Detail: "2,000 rows; there is no earlier snapshot to compare with"}},
	}
	if diff := cmp.Diff(want, m.Manifest, cmp.Comparer(func(a, b lake.Date) bool { return a == b })); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	rows := extracttest.Rows[row](t, l, "raw/test/told", p.Date)
	if len(rows) != 2000 || rows[0].ID != 1 || rows[1999].ID != 2000 {
		t.Errorf("%d rows, not sorted by key", len(rows))
	}
	if result.Requests != (lake.Requests{Total: 3, Retried: 1, Throttled: 1}) || closed != 1 {
		t.Errorf("requests of the run: %+v; closed %d times", result.Requests, closed)
	}
	if plain := result.Tables[1]; plain.Rows != 0 || plain.Snapshot == "" {
		t.Errorf("table without rows: %+v", plain)
	}
}

func TestFailureCommitsNothing(t *testing.T) {
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	trouble := fault.New(fault.Unavailable, "wait", errors.New("server down"))
	written, started, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
	endless := func(ctx context.Context) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			close(started)
			defer close(stopped)
			<-ctx.Done()
			yield(row{1, now}, nil) // and ends as if all were well
		}
	}
	bad := func(ctx context.Context) iter.Seq2[row, error] {
		<-started // a table that starts after the failure is not read at all
		<-written
		return count(600, trouble)(ctx)
	}
	closed := 0
	s := source(extract.NewTable("quick", nil, count(10, nil)), extract.NewTable("bad", nil, bad), extract.NewTable("slow", nil, endless))
	s.Close = func() error { closed++; return errors.New("closing fails too") }
	p := extracttest.Plan(s, now)
	p.Progress = func(p extract.Progress) {
		if p.Table == "quick" && p.Finished {
			close(written)
		}
	}
	_, err = extract.Run(t.Context(), l, p)
	if !errors.Is(err, trouble) || !strings.HasPrefix(err.Error(), "raw/test/bad: ") || closed != 1 {
		t.Errorf("%v; closed %d times", err, closed)
	}
	<-stopped
	absent(t, l, "quick", "bad", "slow")
	if parts, err := filepath.Glob(filepath.Join(l.Dir(), "raw/test/*/*/*/part-*")); err != nil || len(parts) > 0 {
		t.Errorf("files left: %v, %v", parts, err)
	}
}

func TestAgain(t *testing.T) {
	passing := fault.New(fault.Temporary, "wait", errors.New("stream cut"))
	for name, test := range map[string]struct {
		failures int64
		err      error
		class    fault.Class
		reads    int64
	}{
		"never": {0, passing, fault.OK, 1}, "twice": {2, passing, fault.OK, 3}, "too often": {3, passing, fault.Unavailable, 3},
		"for good": {1, fault.New(fault.Permission, "ask", errors.New("no")), fault.Permission, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := extracttest.Lake(t)
			var reads atomic.Int64
			rows := func(ctx context.Context) iter.Seq2[row, error] {
				tally.Of(ctx).Note("read")
				if reads.Add(1) <= test.failures {
					return count(700, test.err)(ctx)
				}
				return count(500, nil)(ctx)
			}
			_, err := extract.Run(t.Context(), l, extracttest.Plan(source(extract.NewTable("one", []string{"id"}, rows).Again(3, time.Millisecond)), now))
			if fault.ClassOf(err) != test.class || reads.Load() != test.reads {
				t.Fatalf("%v, class %v, after %d reads", err, fault.ClassOf(err), reads.Load())
			}
			if err != nil {
				absent(t, l, "one")
				return
			}
			m, err := l.Find(t.Context(), "raw/test/one", lake.DateOf(now))
			if err != nil || m.Rows() != 500 || len(m.Notes) != 1 {
				t.Errorf("%d rows, notes %q, %v", m.Rows(), m.Notes, err)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	units := func(ctx context.Context) iter.Seq2[row, error] {
		tally.Of(ctx).Expect(3)
		return func(yield func(row, error) bool) {
			for i := range int64(3) {
				yield(row{i, now}, nil)
				tally.Of(ctx).Done(1)
			}
		}
	}
	p := extracttest.Plan(source(extract.NewTable("units", nil, units), extract.NewTable("rows", nil, count(2000, nil))), now)
	last := map[string]extract.Progress{}
	inside := 0
	p.Progress = func(now extract.Progress) {
		inside++
		if inside != 1 {
			t.Error("calls overlap")
		}
		if before := last[now.Table]; before.Finished || now.Rows < before.Rows || now.Done < before.Done {
			t.Errorf("%+v after %+v", now, before)
		}
		last[now.Table] = now
		inside--
	}
	if _, err := extract.Run(t.Context(), extracttest.Lake(t), p); err != nil {
		t.Fatal(err)
	}
	want := map[string]extract.Progress{
		"units": {Table: "units", Rows: 3, Done: 3, Total: 3, Finished: true},
		"rows":  {Table: "rows", Rows: 2000, Finished: true},
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("last reports (-want +got):\n%s", diff)
	}
}

// TestLateCancel commits all or nothing also when the cancellation comes between the last row and the commit.
func TestLateCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := extracttest.Lake(t)
	p := extracttest.Plan(source(extract.NewTable("one", nil, count(1, nil))), now)
	p.Progress = func(p extract.Progress) {
		if p.Finished {
			cancel()
		}
	}
	if _, err := extract.Run(ctx, l, p); fault.ClassOf(err) != fault.Interrupted {
		t.Error(err)
	}
	absent(t, l, "one")
}
