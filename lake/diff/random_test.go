package diff_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/diff"
)

// wide has every type of the lake, with and without NULL, with and without a dictionary; K and N are the key.
type wide struct {
	K    string     `parquet:"k,dict"`
	N    *int64     `parquet:"n,optional"`
	Int  int32      `parquet:"int"`
	IntN *int32     `parquet:"int_n,optional"`
	Big  int64      `parquet:"big,dict"`
	Dbl  float64    `parquet:"dbl"`
	DblN *float64   `parquet:"dbl_n,optional"`
	Yes  bool       `parquet:"yes"`
	YesN *bool      `parquet:"yes_n,optional"`
	Text string     `parquet:"text"`
	TxtN *string    `parquet:"txt_n,optional,dict"`
	Day  int32      `parquet:"day,date"`
	At   time.Time  `parquet:"at,timestamp(microsecond)"`
	AtN  *time.Time `parquet:"at_n,optional,timestamp(microsecond)"`
}

func maybe[T any](r *rand.Rand, v T) *T {
	if r.IntN(3) == 0 {
		return nil
	}
	return &v
}

// randomize changes about one in odds of the fields outside the key.
func (w *wide) randomize(r *rand.Rand, odds int) {
	texts := []string{"", "a", "ä", "\x00", "longer than the others", "🎓"}
	text := func() string { return texts[r.IntN(len(texts))] }
	instant := func() time.Time { return time.UnixMicro(r.Int64N(4) - 2).UTC() }
	double := func() float64 { return []float64{0, 1.5, -1, math.NaN(), math.Inf(1)}[r.IntN(5)] }
	for _, set := range []func(){
		func() { w.Int = r.Int32N(3) - 1 }, func() { w.IntN = maybe(r, r.Int32N(2)) }, func() { w.Big = math.MaxInt64 - r.Int64N(2) },
		func() { w.Dbl = double() }, func() { w.DblN = maybe(r, double()) }, func() { w.Yes = r.IntN(2) == 0 },
		func() { w.YesN = maybe(r, r.IntN(2) == 0) }, func() { w.Text = text() }, func() { w.TxtN = maybe(r, text()) },
		func() { w.Day = r.Int32N(3) - 1 }, func() { w.At = instant() }, func() { w.AtN = maybe(r, instant()) },
	} {
		if r.IntN(odds) == 0 {
			set()
		}
	}
}

// id is the key as text.
func (w wide) id() string {
	if w.N == nil {
		return fmt.Sprintf("%q NULL", w.K)
	}
	return fmt.Sprintf("%q %d", w.K, *w.N)
}

func (w wide) compare(o wide) int {
	return cmp.Or(strings.Compare(w.K, o.K), func() int {
		switch {
		case w.N == nil || o.N == nil:
			return cmp.Compare(map[bool]int{w.N == nil: 1}[true], map[bool]int{o.N == nil: 1}[true])
		default:
			return cmp.Compare(*w.N, *o.N)
		}
	}())
}

// changed names the columns that differ.
func (w wide) changed(o wide) (names []string) {
	for _, c := range []struct {
		name string
		same bool
	}{
		{"int", w.Int == o.Int}, {"int_n", same(w.IntN, o.IntN)}, {"big", w.Big == o.Big},
		{"dbl", alike(w.Dbl, o.Dbl)}, {"dbl_n", (w.DblN == nil) == (o.DblN == nil) && (w.DblN == nil || alike(*w.DblN, *o.DblN))},
		{"yes", w.Yes == o.Yes}, {"yes_n", same(w.YesN, o.YesN)}, {"text", w.Text == o.Text}, {"txt_n", same(w.TxtN, o.TxtN)},
		{"day", w.Day == o.Day}, {"at", w.At.Equal(o.At)}, {"at_n", (w.AtN == nil) == (o.AtN == nil) && (w.AtN == nil || w.AtN.Equal(*o.AtN))},
	} {
		if !c.same {
			names = append(names, c.name)
		}
	}
	return names
}

func same[T comparable](a, b *T) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

func alike(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

// A merge of files says the same as two maps.
func TestRandom(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		l := openLake(t)
		old, fresh := map[string]wide{}, map[string]wide{}
		for range r.IntN(120) {
			w := wide{K: []string{"", "A", "a", "é"}[r.IntN(4)], N: maybe(r, r.Int64N(40)-20)}
			w.randomize(r, 1)
			if r.IntN(4) > 0 {
				old[w.id()] = w
			}
			if r.IntN(4) > 0 {
				w.randomize(r, 20)
				fresh[w.id()] = w
			}
		}
		d, err := diff.Snapshots(l, scatter(t, r, l, day1, old), scatter(t, r, l, day2, fresh), diff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for c, err := range d.Changes(t.Context()) {
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			line := fmt.Sprint(c.Kind, " ", wide{K: c.Key[0].(string), N: number(c.Key[1])}.id())
			for _, i := range c.Columns {
				line += " " + d.Columns[i].Name
			}
			got = append(got, line)
		}
		both := maps.Clone(old)
		maps.Copy(both, fresh)
		for _, w := range slices.SortedFunc(maps.Values(both), wide.compare) {
			o, was := old[w.id()]
			n, is := fresh[w.id()]
			switch {
			case !was:
				want = append(want, "added "+w.id())
			case !is:
				want = append(want, "removed "+w.id())
			case len(o.changed(n)) > 0:
				want = append(want, "changed "+w.id()+" "+strings.Join(o.changed(n), " "))
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
		if d.Counts.Old != int64(len(old)) || d.Counts.New != int64(len(fresh)) {
			t.Fatalf("seed %d: %+v", seed, d.Counts)
		}
	}
}

func number(v any) *int64 {
	if v == nil {
		return nil
	}
	return ptr(v.(int64))
}

// scatter spreads rows over files of tiny pages, each sorted.
func scatter(t *testing.T, r *rand.Rand, l *lake.Lake, d lake.Date, all map[string]wide) lake.Snapshot {
	t.Helper()
	parts := make([][]wide, r.IntN(4)+1)
	for _, w := range slices.SortedFunc(maps.Values(all), wide.compare) {
		i := r.IntN(len(parts))
		parts[i] = append(parts[i], w)
	}
	var options []parquet.WriterOption
	if r.IntN(4) > 0 {
		options = small
	}
	return commit(t, l, d, []string{"k", "n"}, options, parts...)
}
