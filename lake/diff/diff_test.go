package diff_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/diff"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

type course struct {
	ID    int64   `parquet:"id"`
	Name  *string `parquet:"name,optional,dict"`
	Views int64   `parquet:"views"`
}

// shown writes the changes a line each.
func shown(t *testing.T, d *diff.Diff) string {
	t.Helper()
	var b strings.Builder
	for c, err := range d.Changes(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %v", c.Kind, c.Key)
		for _, i := range c.Columns {
			fmt.Fprintf(&b, " %s: %s → %s", d.Columns[i].Name, rows.Format(c.Old[i], d.Columns[i]), rows.Format(c.New[i], d.Columns[i]))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestChanges(t *testing.T) {
	a, b, c := course{1, ptr("a"), 10}, course{2, nil, 20}, course{3, ptr("c"), 30}
	renamed, named, viewed := course{1, ptr("A"), 10}, course{2, ptr(""), 20}, course{3, nil, 31}
	type parts = [][]course
	tests := []struct {
		name     string
		old, new parts
		want     string
		counts   diff.Counts
	}{
		{"nothing in both", parts{}, parts{{}}, "", diff.Counts{}},
		{"the same, in other files", parts{{a, b, c}}, parts{{a}, {b, c}}, "", diff.Counts{Old: 3, New: 3}},
		{"all came", parts{}, parts{{a, b}}, "added [1]\nadded [2]\n", diff.Counts{New: 2, Added: 2}},
		{"all went", parts{{a}, {}, {b}}, parts{}, "removed [1]\nremoved [2]\n", diff.Counts{Old: 2, Removed: 2}},
		{"first came, last went", parts{{b, c}}, parts{{a, b}}, "added [1]\nremoved [3]\n", diff.Counts{Old: 2, New: 2, Added: 1, Removed: 1}},
		{"changed", parts{{a, b, c}}, parts{{renamed, named, viewed}},
			"changed [1] name: a → A\nchanged [2] name: NULL → \nchanged [3] name: c → NULL views: 30 → 31\n", diff.Counts{Old: 3, New: 3, Changed: 3}},
		{"files that overlap", parts{{a, c}, {b}}, parts{{c}, {a}}, "removed [2]\n", diff.Counts{Old: 3, New: 2, Removed: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := openLake(t)
			d, err := diff.Snapshots(l, commit(t, l, day1, []string{"id"}, nil, tt.old...), commit(t, l, day2, []string{"id"}, nil, tt.new...), diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, shown(t, d)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if d.Counts != tt.counts {
				t.Errorf("counts %+v, want %+v", d.Counts, tt.counts)
			}
		})
	}
}

func TestColumnsOfOtherNamesAndTypes(t *testing.T) {
	type before struct {
		ID    int64  `parquet:"id"`
		Views int64  `parquet:"views"`
		Gone  string `parquet:"gone"`
		Kind  int64  `parquet:"kind"`
	}
	type after struct {
		Kind  string `parquet:"kind"`
		New   bool   `parquet:"new"`
		Views *int64 `parquet:"views,optional"`
		ID    int64  `parquet:"id"`
	}
	l := openLake(t)
	old := commit(t, l, day1, []string{"id"}, nil, []before{{1, 10, "x", 3}, {2, 20, "y", 4}})
	fresh := commit(t, l, day2, []string{"id"}, nil, []after{{"three", true, ptr(int64(10)), 1}, {"four", false, nil, 2}})
	d, err := diff.Snapshots(l, old, fresh, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("changed [2] views: 20 → NULL\n", shown(t, d)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	listed := func(columns []lake.Column) (s string) {
		for _, c := range columns {
			s += c.Name + " " + c.Type + "\n"
		}
		return s
	}
	if diff := cmp.Diff("kind VARCHAR\nnew BOOLEAN\n", listed(d.Gained)); diff != "" {
		t.Errorf("gained columns (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("gone VARCHAR\nkind BIGINT\n", listed(d.Lost)); diff != "" {
		t.Errorf("lost columns (-want +got):\n%s", diff)
	}
	d, err = diff.Snapshots(l, old, fresh, diff.Options{Columns: []string{"kind"}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.Count(t.Context()); err != nil || n.Differ() || len(d.Columns) != 1 || len(d.Gained) != 1 {
		t.Errorf("compared by kind only: %+v, %v, columns %v", n, err, d.Columns)
	}
}

func TestNotComparable(t *testing.T) {
	type other struct {
		ID string `parquet:"id"`
	}
	l := openLake(t)
	good := commit(t, l, day1, []string{"id"}, nil, []course{{ID: 1}})
	for name, tt := range map[string]struct {
		snapshot lake.Snapshot
		opt      diff.Options
		class    fault.Class
		want     string
	}{
		"another key":          {commit(t, l, day2, []string{"id", "views"}, nil, []course{}), diff.Options{}, fault.Data, "is sorted by id, views"},
		"no key":               {commit[course](t, l, day2, nil, nil), diff.Options{}, fault.Data, "is sorted by nothing"},
		"a key of other type":  {commit[other](t, l, day2, []string{"id"}, nil), diff.Options{}, fault.Data, `key column "id"`},
		"a key of no column":   {good, diff.Options{Key: []string{"ID"}}, fault.Data, `key column "ID"`},
		"columns of no column": {good, diff.Options{Columns: []string{"nothing"}}, fault.Usage, `no column "nothing"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := diff.Snapshots(l, good, tt.snapshot, tt.opt)
			checkFault(t, err, tt.class, tt.want)
		})
	}
}

func TestRowsInDisorder(t *testing.T) {
	l := openLake(t)
	good := commit(t, l, day1, []string{"id"}, nil, []course{{ID: 1}, {ID: 8}, {ID: 9}})
	for name, tt := range map[string]struct {
		parts [][]course
		want  []string
	}{
		"unsorted":               {[][]course{{{ID: 2}, {ID: 5}, {ID: 4}}}, []string{"part-00000", "row 3 with id 4 comes after id 5"}},
		"twice in a file":        {[][]course{{{ID: 2}}, {{ID: 5}, {ID: 5}}}, []string{"part-00001", "id 5 stands twice: in rows 1 and 2"}},
		"twice in files":         {[][]course{{{ID: 2}, {ID: 5}}, {{ID: 1}, {ID: 2}}}, []string{"id 2 stands twice", "row 1 of", "part-00000", "row 2 of", "part-00001"}},
		"unsorted after the end": {[][]course{{{ID: 20}, {ID: 5}}}, []string{"row 2 with id 5 comes after id 20"}},
	} {
		t.Run(name, func(t *testing.T) {
			bad := commit(t, l, day2, []string{"id"}, nil, tt.parts...)
			d, err := diff.Snapshots(l, good, bad, diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = d.Count(t.Context())
			checkFault(t, err, fault.Data, append(tt.want, "new snapshot")...)
			d, err = diff.Snapshots(l, bad, good, diff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var last error
			for _, err := range d.Changes(t.Context()) {
				last = err
			}
			checkFault(t, last, fault.Data, append(tt.want, "old snapshot")...)
		})
	}
}

func TestStopAndCancel(t *testing.T) {
	l := openLake(t)
	d, err := diff.Snapshots(l, commit[course](t, l, day1, []string{"id"}, nil), commit(t, l, day2, []string{"id"}, nil, []course{{ID: 1}, {ID: 2}}), diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range d.Changes(t.Context()) {
		break
	}
	if d.Counts.Added != 1 {
		t.Errorf("after the first change: %+v", d.Counts)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Count(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestDamagedFile(t *testing.T) {
	l := openLake(t)
	a := commit(t, l, day1, []string{"id"}, nil, []course{{ID: 1}})
	b := commit(t, l, day2, []string{"id"}, nil, []course{{ID: 1}})
	b.Files[0].SHA256 = strings.Repeat("0", 64)
	d, err := diff.Snapshots(l, a, b, diff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Count(t.Context())
	checkFault(t, err, fault.Data, b.Files[0].Path, "damaged")
}

func checkFault(t *testing.T, err error, class fault.Class, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := fault.ClassOf(err); got != class {
		t.Errorf("class %s, want %s: %v", got, class, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in: %v", text, err)
		}
	}
}
