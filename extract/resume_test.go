package extract_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// asked yields ids 1 to 300 one by one, each asked for unless it is remembered, and fails after a number of questions. The answer to
// the question rare has a field that no other has.
func asked(name string, questions *int, limit int, rare int64) extract.Table {
	return extract.NewTable(name, []string{"id"}, func(ctx context.Context) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			for i := int64(1); i <= 300; i++ {
				key := memo.Key(name, fmt.Sprint(i))
				r, kept, ok := memo.Recall[row](ctx, key)
				if ok {
					tally.Of(ctx).Recalled(kept.At)
				} else {
					if *questions == limit {
						yield(row{}, errors.New("interrupted"))
						return
					}
					*questions++
					answer := `{"id":1}`
					if i == rare {
						answer = `{"id":null,"rare":"x"}`
					}
					tally.Of(ctx).Objects([]byte(answer), "")
					r = row{i, now}
					memo.Keep(ctx, key, now, "", r)
				}
				if !yield(r, nil) {
					return
				}
			}
		}
	})
}

// TestResume goes on where a run of the same tables, date and configuration stopped.
func TestResume(t *testing.T) {
	l := extracttest.Lake(t)
	run := func(at time.Time, digest string, limit int, tables ...string) (questions int, err error) {
		t.Helper()
		s := &extract.Source{Name: "test", Resume: digest}
		for _, name := range tables {
			s.Tables = append(s.Tables, asked(name, &questions, limit, 0))
		}
		_, err = extract.Run(t.Context(), l, extracttest.Plan(s, at))
		return questions, err
	}
	const all = 1 << 30
	first, err := run(now, "d", 200, "one")
	if err == nil || first != 200 {
		t.Fatalf("%v after %d questions", err, first)
	}
	for name, other := range map[string]func() (int, error){
		"another day":           func() (int, error) { return run(now.AddDate(0, 0, 1), "d", 10, "one") },
		"another configuration": func() (int, error) { return run(now, "e", 10, "one") },
		"another table":         func() (int, error) { return run(now, "d", 10, "two") },
		"no checkpoint":         func() (int, error) { return run(now, "", 10, "one") },
	} {
		if n, err := other(); err == nil || n != 10 {
			t.Errorf("%s: %v after %d questions", name, err, n)
		}
	}
	second, err := run(now.Add(time.Hour), "d", all, "one")
	if err != nil || second != 100 {
		t.Errorf("%v after %d questions", err, second)
	}
	m, err := l.Find(t.Context(), "raw/test/one", lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	if note := strings.Join(m.Notes, ""); m.Rows() != 300 || !m.SourceAsOf.Equal(now) || !strings.HasPrefix(note, "200 answers are those of a run that was interrupted") {
		t.Errorf("%d rows as of %v, notes %q", m.Rows(), m.SourceAsOf, note)
	}
	if again, err := run(now, "d", all, "one"); err != nil || again != 300 {
		t.Errorf("after the commit: %v after %d questions", err, again)
	}
}

// TestResumeFields finds a new field of the source also where it was seen before the interruption.
func TestResumeFields(t *testing.T) {
	for _, rare := range []int64{1, 150, 250} {
		t.Run(fmt.Sprint(rare), func(t *testing.T) {
			l := extracttest.Lake(t)
			run := func(day, limit int, rare int64) error {
				questions := 0
				s := &extract.Source{Name: "test", Resume: "d", Tables: []extract.Table{asked("one", &questions, limit, rare)}}
				_, err := extract.Run(t.Context(), l, extracttest.Plan(s, now.AddDate(0, 0, day)))
				return err
			}
			if err := run(0, 300, 0); err != nil {
				t.Fatal(err)
			}
			for _, limit := range []int{160, 30} {
				if run(1, limit, rare) == nil {
					t.Fatal("not interrupted")
				}
			}
			if err := run(1, 300, rare); err != nil {
				t.Fatal(err)
			}
			m, err := l.Find(t.Context(), "raw/test/one", lake.DateOf(now).AddDays(1))
			if err != nil {
				t.Fatal(err)
			}
			fields := []lake.Field{{Name: "id", Types: []string{"number"}}, {Name: "rare", Types: []string{"string"}}}
			if diff := cmp.Diff(fields, m.SourceFields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]lake.Drift{{Of: "source", Name: "rare", Change: "added", To: "string"}}, m.Drift); diff != "" {
				t.Errorf("drift (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVerify commits nothing if the source does not agree in the end.
func TestVerify(t *testing.T) {
	l := extracttest.Lake(t)
	read := false
	s := source(extract.NewTable("one", nil, func(ctx context.Context) iter.Seq2[row, error] { read = true; return count(3, nil)(ctx) }))
	why := errors.New("too many are missing")
	s.Verify = func() error {
		if !read {
			t.Error("asked before the tables were read")
		}
		return why
	}
	if _, err := extract.Run(t.Context(), l, extracttest.Plan(s, now)); !errors.Is(err, why) {
		t.Error(err)
	}
	absent(t, l, "one")
}

// TestRemembering takes rows over from the newest earlier snapshot.
func TestRemembering(t *testing.T) {
	l := extracttest.Lake(t)
	var seen []string
	table := extract.NewRemembering("one", []string{"id"}, func(ctx context.Context, earlier extract.Earlier[row]) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			next, carried := int64(1), int64(0)
			read, err := earlier.Scan(ctx, func(row) { carried++ })
			if err != nil {
				yield(row{}, err)
				return
			}
			for r, err := range earlier.Rows() {
				next = r.ID + 1
				if !yield(r, err) {
					return
				}
			}
			tally.Of(ctx).Carry(carried)
			seen = append(seen, fmt.Sprint(earlier.Found(), read, earlier.Date, carried))
			yield(row{next, now}, nil)
		}
	})
	for day := range 3 {
		if _, err := extract.Run(t.Context(), l, extracttest.Plan(source(table), now.AddDate(0, 0, 2*day))); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"false false  0", "true true 2026-02-03 1", "true true 2026-02-05 2"}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m, err := l.Find(t.Context(), "raw/test/one", lake.DateOf(now.AddDate(0, 0, 4)))
	if err != nil || m.Rows() != 3 || !slices.ContainsFunc(m.Inputs, func(i lake.Input) bool { return strings.Contains(i.Path, "dt=2026-02-05") }) {
		t.Errorf("%d rows, inputs %v, %v", m.Rows(), m.Inputs, err)
	}
	// One of another program, with other columns, counts as none.
	type older struct {
		Name string `parquet:"name" doc:"x"`
	}
	old := extract.NewTable("one", nil, func(context.Context) iter.Seq2[older, error] {
		return func(yield func(older, error) bool) { yield(older{"x"}, nil) }
	})
	p := extracttest.Plan(source(old), now.AddDate(0, 0, 5))
	if _, err := extract.Run(t.Context(), l, p); err != nil {
		t.Fatal(err)
	}
	scanned := false
	careful := extract.NewRemembering("one", []string{"id"}, func(ctx context.Context, earlier extract.Earlier[row]) iter.Seq2[row, error] {
		read, err := earlier.Scan(ctx, func(row) {})
		scanned = earlier.Found() && !read && err == nil
		return count(2, nil)(ctx)
	})
	result, err := extract.Run(t.Context(), l, extracttest.Plan(source(careful), now.AddDate(0, 0, 6)))
	if err != nil || !scanned || len(result.Tables[0].Notes) == 0 {
		t.Errorf("%v, %t, %+v", err, scanned, result.Tables)
	}
}
