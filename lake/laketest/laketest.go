// Package laketest is the suite that every store of a lake must pass.
//
// A new store's test is ten lines: open a fresh lake and call [Run].
package laketest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Row is the row type of the suite: a column of every kind.
type Row struct {
	ID      int64      `parquet:"id" doc:"the key"`
	Name    string     `parquet:"name,dict" doc:"any text"`
	SISID   *string    `parquet:"sis_id,optional,dict"`
	Day     int32      `parquet:"day,date"`
	At      time.Time  `parquet:"at,timestamp(microsecond)"`
	EndAt   *time.Time `parquet:"end_at,optional,timestamp(microsecond)"`
	Visible bool       `parquet:"visible"`
	Count   *int64     `parquet:"count,optional"`
}

var (
	table = lake.Raw("test", "thing")
	day   = mustDate("2026-03-01")
	start = time.Date(2026, 3, 1, 4, 5, 6, 789_000, time.UTC)
)

// Run tests the store behind fresh, which returns a new empty lake at every call.
func Run(t *testing.T, fresh func(t *testing.T) *lake.Lake) {
	t.Run("round trip", func(t *testing.T) { testRoundTrip(t, fresh(t)) })
	t.Run("nothing before the commit", func(t *testing.T) { testInvisible(t, fresh(t)) })
	t.Run("abort leaves nothing", func(t *testing.T) { testAbort(t, fresh(t)) })
	t.Run("discard", func(t *testing.T) { testDiscard(t, fresh(t)) })
	t.Run("highest number wins", func(t *testing.T) { testSupersede(t, fresh(t)) })
	t.Run("racing commits", func(t *testing.T) { testRace(t, fresh(t)) })
	t.Run("dates", func(t *testing.T) { testDates(t, fresh(t)) })
	t.Run("wrong shape", func(t *testing.T) { testShape(t, fresh(t)) })
	t.Run("upload", func(t *testing.T) { testUpload(t, fresh(t)) })
	t.Run("empty table", func(t *testing.T) { testEmpty(t, fresh(t)) })
}

func mustDate(s string) lake.Date {
	d, err := lake.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func rows(n int) []Row {
	out := make([]Row, n)
	for i := range out {
		text, count, end := fmt.Sprintf("SIS-%d", i), int64(i)<<40, start.Add(time.Duration(i)*time.Second)
		out[i] = Row{ID: 17_700_000_000_000_000 + int64(i), Name: fmt.Sprintf("name\t%d \U0001F393", i%7), Day: int32(i), At: start, Visible: i%2 == 0}
		if i%3 != 0 {
			out[i].SISID, out[i].Count, out[i].EndAt = &text, &count, &end
		}
	}
	return out
}

// commit publishes rows as a snapshot of the suite's table.
func commit(t *testing.T, l *lake.Lake, d lake.Date, rows []Row) lake.Snapshot {
	t.Helper()
	s, err := publish(t.Context(), l, d, rows)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func publish(ctx context.Context, l *lake.Lake, d lake.Date, rows []Row) (lake.Snapshot, error) {
	run := lake.NewRunID(start)
	w, err := lake.NewWriter[Row](ctx, l, lake.Part{Table: table, Date: d, Run: run, SortBy: []string{"id"}})
	if err != nil {
		return lake.Snapshot{}, err
	}
	if err := w.Write(rows...); err != nil {
		w.Abort()
		return lake.Snapshot{}, err
	}
	f, err := w.Close()
	if err != nil {
		return lake.Snapshot{}, err
	}
	return l.Commit(ctx, manifest(d, run, f))
}

func manifest(d lake.Date, run lake.RunID, files ...lake.File) lake.Manifest {
	columns, err := lake.ColumnsOf[Row]()
	if err != nil {
		panic(err)
	}
	return lake.Manifest{Table: table, Date: d, Run: run, Files: files, Columns: columns, Key: []string{"id"}, StartedAt: start, FinishedAt: start}
}

func collect[T any](t *testing.T, l *lake.Lake, m lake.Manifest) []T {
	t.Helper()
	var got []T
	for row, err := range lake.Rows[T](t.Context(), l, m) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	return got
}

func find(t *testing.T, l *lake.Lake, d lake.Date) lake.Snapshot {
	t.Helper()
	s, err := l.Find(t.Context(), table, d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testRoundTrip(t *testing.T, l *lake.Lake) {
	want := rows(1000)
	shuffled := slices.Concat(want[500:], want[:500])
	committed := commit(t, l, day, shuffled)
	found := find(t, l, day)
	if diff := cmp.Diff(committed, found); diff != "" {
		t.Errorf("Find differs from Commit (-committed +found):\n%s", diff)
	}
	if found.Number != 1 || found.Rows() != 1000 || found.Bytes() == 0 {
		t.Errorf("number %d, %d rows, %d bytes", found.Number, found.Rows(), found.Bytes())
	}
	if diff := cmp.Diff(want, collect[Row](t, l, found.Manifest)); diff != "" {
		t.Errorf("rows, in key order (-want +got):\n%s", diff)
	}
	if found.Columns[0] != (lake.Column{Name: "id", Type: lake.BigInt, Description: "the key"}) {
		t.Errorf("first column: %+v", found.Columns[0])
	}
}

func testInvisible(t *testing.T, l *lake.Lake) {
	w, err := lake.NewWriter[Row](t.Context(), l, lake.Part{Table: table, Date: day, Run: lake.NewRunID(start)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rows(3)...); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Find(t.Context(), table, day); !errors.Is(err, lake.ErrNotFound) {
		t.Errorf("Find before any commit: %v, want ErrNotFound", err)
	}
	if dates, err := l.Dates(t.Context(), table); err != nil || len(dates) != 0 {
		t.Errorf("Dates before any commit: %v, %v", dates, err)
	}
}

func testAbort(t *testing.T, l *lake.Lake) {
	run := lake.NewRunID(start)
	part := lake.Part{Table: table, Date: day, Run: run}
	w, err := lake.NewWriter[Row](t.Context(), l, part)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rows(10)...); err != nil {
		t.Fatal(err)
	}
	w.Abort()
	f := lake.File{Path: fmt.Sprintf("%s/dt=%s/run=%s/part-00000.parquet", table, day, run)}
	if _, err := l.Local(t.Context(), f, t.TempDir()); err == nil {
		t.Error("the aborted file is there")
	}
}

func testDiscard(t *testing.T, l *lake.Lake) {
	kept, gone := commit(t, l, day, rows(2)), commit(t, l, day, rows(3))
	l.Discard(t.Context(), gone.Files...)
	if _, err := l.Local(t.Context(), gone.Files[0], t.TempDir()); fault.ClassOf(err) != fault.Data {
		t.Errorf("a discarded file: %v", err)
	}
	if got := len(collect[Row](t, l, kept.Manifest)); got != 2 {
		t.Errorf("the other run's file has %d rows, want 2", got)
	}
}

func testSupersede(t *testing.T, l *lake.Lake) {
	first := commit(t, l, day, rows(5))
	second := commit(t, l, day, rows(7))
	if got := find(t, l, day); got.Path != second.Path || got.Number != 2 {
		t.Errorf("Find returns %s, want %s", got.Path, second.Path)
	}
	if got := len(collect[Row](t, l, first.Manifest)); got != 5 {
		t.Errorf("the superseded snapshot has %d rows, want 5", got)
	}
}

func testRace(t *testing.T, l *lake.Lake) {
	const racers = 8
	snapshots := make([]lake.Snapshot, racers)
	failures := make([]error, racers+1)
	var wg sync.WaitGroup
	for i := range racers {
		wg.Go(func() { snapshots[i], failures[i] = publish(t.Context(), l, day, rows(i+1)) })
	}
	over := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { failures[racers] = readAll(t.Context(), l, over) })
	wg.Wait()
	close(over)
	reader.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	numbers := map[int]bool{}
	for _, s := range snapshots {
		numbers[s.Number] = true
	}
	if len(numbers) != racers {
		t.Errorf("%d racers got the numbers %v", racers, numbers)
	}
	newest := find(t, l, day)
	if got := len(collect[Row](t, l, newest.Manifest)); int64(got) != newest.Rows() || newest.Number != racers {
		t.Errorf("newest is number %d with %d rows of %d", newest.Number, got, newest.Rows())
	}
}

// readAll reads the newest snapshot again and again and returns an error unless it is whole every time.
func readAll(ctx context.Context, l *lake.Lake, over <-chan struct{}) error {
	for {
		select {
		case <-over:
			return nil
		default:
		}
		if _, err := l.Dates(ctx, table); err != nil {
			return err
		}
		s, err := l.Find(ctx, table, day)
		if errors.Is(err, lake.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		var found int64
		for _, err := range lake.Rows[Row](ctx, l, s.Manifest) {
			if err != nil {
				return err
			}
			found++
		}
		if found != s.Rows() {
			return fmt.Errorf("%s has %d rows of %d", s.Path, found, s.Rows())
		}
	}
}

func testDates(t *testing.T, l *lake.Lake) {
	for _, d := range []string{"2026-03-01", "2026-02-27", "2025-12-31"} {
		commit(t, l, mustDate(d), rows(1))
	}
	dates, err := l.Dates(t.Context(), table)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(dates); got != "[2025-12-31 2026-02-27 2026-03-01]" {
		t.Errorf("Dates: %s", got)
	}
	before, err := l.Before(t.Context(), table, day)
	if err != nil || before.Date.String() != "2026-02-27" {
		t.Errorf("Before(%s): %v, %v", day, before.Date, err)
	}
	if _, err := l.Before(t.Context(), table, mustDate("2025-12-31")); !errors.Is(err, lake.ErrNotFound) {
		t.Errorf("Before the first date: %v, want ErrNotFound", err)
	}
	_, err = l.Find(t.Context(), table, mustDate("2026-01-15"))
	if !errors.Is(err, lake.ErrNotFound) || !strings.Contains(fault.HintOf(err), "3 dates of it, from 2025-12-31 to 2026-03-01") {
		t.Errorf("Find of a missing date: %v (%s)", err, fault.HintOf(err))
	}
}

func testShape(t *testing.T, l *lake.Lake) {
	s := commit(t, l, day, rows(3))
	type renamed struct {
		ID    int64  `parquet:"id"`
		Title string `parquet:"title,dict"`
	}
	type retyped struct {
		ID string `parquet:"id,dict"`
	}
	type narrowed struct {
		Count int64 `parquet:"count"`
	}
	expect(t, readError[renamed](t, l, s.Manifest), `column "title" is missing`)
	expect(t, readError[retyped](t, l, s.Manifest), `column "id" is BIGINT, expected VARCHAR`)
	expect(t, readError[narrowed](t, l, s.Manifest), `column "count" may be NULL, expected NOT NULL`)
}

func expect(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) || fault.ClassOf(err) != fault.Data {
		t.Errorf("error %v of class %v, want class data and %q", err, fault.ClassOf(err), text)
	}
}

func readError[T any](t *testing.T, l *lake.Lake, m lake.Manifest) error {
	for _, err := range lake.Rows[T](t.Context(), l, m) {
		return err
	}
	return nil
}

func testUpload(t *testing.T, l *lake.Lake) {
	s := commit(t, l, day, rows(20))
	local, err := l.Local(t.Context(), s.Files[0], t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	next := lake.Part{Table: table, Date: day.AddDays(1), Run: lake.NewRunID(start)}
	f, err := l.Upload(t.Context(), next, local)
	if err != nil {
		t.Fatal(err)
	}
	if f.SHA256 != s.Files[0].SHA256 || f.Rows != 20 || f.Bytes != s.Files[0].Bytes {
		t.Errorf("uploaded %+v from %+v", f, s.Files[0])
	}
	junk := filepath.Join(t.TempDir(), "junk.parquet")
	if err := os.WriteFile(junk, []byte("no parquet at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Upload(t.Context(), next, junk); err == nil {
		t.Error("Upload took a file that is no Parquet")
	}
}

func testEmpty(t *testing.T, l *lake.Lake) {
	s := commit(t, l, day, nil)
	if got := collect[Row](t, l, s.Manifest); len(got) != 0 || s.Rows() != 0 || len(s.Files) != 1 {
		t.Errorf("%d rows in %d files", len(got), len(s.Files))
	}
}
