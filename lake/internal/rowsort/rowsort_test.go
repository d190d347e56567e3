package rowsort

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

type thing struct {
	Text  *string  `parquet:"text,optional"`
	ID    int64    `parquet:"id"`
	Day   int32    `parquet:"day,date"`
	Share *float64 `parquet:"share,optional"`
	Sure  bool     `parquet:"sure"`
	Note  string   `parquet:"note"`
}

var schema = parquet.SchemaOf(thing{})

// things makes rows, each different, with texts of up to so many bytes.
func things(count, most int) []thing {
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]thing, count)
	for i := range rows {
		rows[i] = thing{ID: int64(i) - 10, Day: int32(random.IntN(7)) - 3, Sure: i%2 == 0, Note: strings.Repeat(string(rune('a'+i%26)), random.IntN(most+1))}
		if i%3 > 0 {
			text := fmt.Sprint(random.IntN(count))
			rows[i].Text = &text
		}
		if i%5 > 0 {
			share := random.NormFloat64()
			rows[i].Share = &share
		}
	}
	random.Shuffle(count, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

func newSorter(t *testing.T, rows []thing) *Sorter {
	t.Helper()
	s := New(schema, parquet.Ascending("day"), parquet.Ascending("id"))
	for i := range rows {
		if err := s.Add(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestSorted sorts rows that fit the memory, rows that do not, and rows whose texts do not.
func TestSorted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	full := (maxValues + len(schema.Columns()) - 1) / len(schema.Columns())
	for _, test := range []struct{ rows, text, runs int }{
		{0, 0, 0}, {1, 10, 0}, {full, 10, 0}, {full + 1, 10, 2}, {3*full - 7, 10, 3}, {3000, 4096, 3}, {20, maxTexts / 4, 2},
	} {
		rows := things(test.rows, test.text)
		s := newSorter(t, rows)
		slices.SortFunc(rows, func(a, b thing) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID)) })
		var got []thing
		err := s.Sorted(t.Context(), func(batch []parquet.Row) (int, error) {
			for _, row := range batch {
				var g thing
				if err := schema.Reconstruct(&g, row); err != nil {
					return 0, err
				}
				g.Note = strings.Clone(g.Note)
				got = append(got, g)
			}
			return len(batch), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(rows) || !gocmp.Equal(got, slices.Clip(rows)) && len(rows) > 0 {
			t.Errorf("%+v: %d rows, or others than were added", test, len(got))
		}
		runs := 0
		if s.runs != nil {
			runs = len(s.runs.ends)
		}
		if runs < test.runs || test.runs == 0 && runs > 0 {
			t.Errorf("%+v: %d runs", test, runs)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("temporary files: %v, %v", left, err)
	}
}

// TestSortedEnds checks that a merge ends with an error of who takes the rows, and when it is cancelled.
func TestSortedEnds(t *testing.T) {
	rows := things(2*maxValues/len(schema.Columns()), 1)
	trouble := errors.New("trouble")
	for _, cancelled := range []bool{false, true} {
		s := newSorter(t, rows)
		ctx, cancel := context.WithCancelCause(t.Context())
		taken := 0
		err := s.Sorted(ctx, func(batch []parquet.Row) (int, error) {
			if taken += len(batch); taken < 10*mergeRows {
				return len(batch), nil
			}
			cancel(trouble)
			if cancelled {
				return len(batch), nil
			}
			return 0, trouble
		})
		if !errors.Is(err, trouble) || taken > 10*mergeRows {
			t.Errorf("cancelled %t: %d rows, %v", cancelled, taken, err)
		}
		cancel(nil)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
