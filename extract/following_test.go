package extract_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

type page struct {
	ID   int64  `parquet:"id"`
	Text string `parquet:"text"`
}

type size struct {
	ID    int64 `parquet:"id"`
	Bytes int64 `parquet:"bytes"`
}

// pages is a source with two rows; sizes one that follows its table and needs one column of it.
func pages() *extract.Source {
	return &extract.Source{Name: "book", Tables: []extract.Table{extract.NewTable("page", []string{"id"}, func(context.Context) iter.Seq2[page, error] {
		return func(yield func(page, error) bool) {
			_ = yield(page{1, "one"}, nil) && yield(page{2, "seven"}, nil)
		}
	})}}
}

func sizes() *extract.Source {
	type text struct {
		Text string `parquet:"text"`
	}
	return &extract.Source{Name: "scale", Tables: []extract.Table{extract.NewFollowing("size", []string{"id"}, "raw/book/page",
		func(_ context.Context, texts iter.Seq2[text, error]) iter.Seq2[size, error] {
			return func(yield func(size, error) bool) {
				id := int64(0)
				for t, err := range texts {
					id++
					if !yield(size{id, int64(len(t.Text))}, err) {
						return
					}
				}
			}
		})}}
}

func TestFollowing(t *testing.T) {
	l, now := extracttest.Lake(t), at("03-20 12:00")
	plan := extracttest.Plan(sizes(), now)
	dry := plan
	dry.DryRun = true
	note := func() string {
		t.Helper()
		result, err := extract.Run(t.Context(), l, dry)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(result.Tables[0].Notes, "")
	}
	if got := note(); !strings.Contains(got, "does not have yet") {
		t.Errorf("dry run before: %q", got)
	}
	_, err := extract.Run(t.Context(), l, plan)
	if !errors.Is(err, lake.ErrNotFound) || fault.ClassOf(err) != fault.Unavailable || !strings.Contains(fault.HintOf(err), "extract-book") {
		t.Errorf("without the table to follow: %v, %s", err, fault.HintOf(err))
	}
	if _, err := extract.Run(t.Context(), l, extracttest.Plan(pages(), now)); err != nil {
		t.Fatal(err)
	}
	if _, err := extract.Run(t.Context(), l, extracttest.Plan(pages(), now)); err != nil {
		t.Fatal(err)
	}
	if got := note(); !strings.Contains(got, "_manifest-000002.json") {
		t.Errorf("dry run after: %q", got)
	}
	if _, err := extract.Run(t.Context(), l, plan); err != nil {
		t.Fatal(err)
	}
	d := lake.DateOf(now)
	if diff := cmp.Diff([]size{{1, 3}, {2, 5}}, extracttest.Rows[size](t, l, "raw/scale/size", d)); diff != "" {
		t.Error(diff)
	}
	followed, err := l.Find(t.Context(), "raw/book/page", d)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Find(t.Context(), "raw/scale/size", d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]lake.Input{followed.Input()}, s.Inputs); diff != "" || followed.Number != 2 {
		t.Errorf("inputs: %s", diff)
	}
}
