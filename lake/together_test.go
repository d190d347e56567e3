package lake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestTogether commits tables in some order and asks what fits together. A commit reads "run: table of tables"; a "-" before the table
// removes it.
func TestTogether(t *testing.T) {
	for _, test := range []struct {
		name    string
		commits []string
		want    string
		torn    string
	}{
		{"whole", []string{"1: a of ab", "1: b of ab"}, "a1 b1", ""},
		{"killed between", []string{"1: a of ab", "1: b of ab", "2: a of ab"}, "a1 b1", "2"},
		{"killed between, all asked differently", []string{"1: b of ab", "1: a of ab", "2: b of ab"}, "a1 b1", "2"},
		{"killed before a table that nobody asks for", []string{"1: a of abc", "1: b of abc", "1: c of abc", "2: a of abc", "2: b of abc"}, "a1 b1", "2"},
		{"killed, then repeated", []string{"1: a of ab", "1: b of ab", "2: a of ab", "3: a of ab", "3: b of ab"}, "a3 b3", ""},
		{"one table made again", []string{"1: a of ab", "1: b of ab", "2: b of b"}, "a1 b2", ""},
		{"killed, and nothing older", []string{"1: a of abc", "1: b of abc"}, "a1 b1", "1"},
		{"killed, and one table missing", []string{"1: a of ab"}, "a1", "1"},
		{"side by side", []string{"1: a of ab", "2: a of ab", "2: b of ab", "1: b of ab"}, "a2 b1", ""},
		{"killed twice", []string{"1: a of ab", "1: b of ab", "2: a of ab", "3: b of ab"}, "a1 b1", "23"},
		{"cleaned up after one table was made again", []string{"2: a of ab", "3: b of b"}, "a2 b3", ""},
		{"killed, beside one table made again", []string{"1: a of ab", "1: b of ab", "2: a of ab", "3: b of b"}, "a2 b3", ""},
		{"removed", []string{"1: a of ab", "1: b of ab", "2: -a"}, "b1", ""},
		{"removed beside a killed run", []string{"1: a of ab", "1: b of ab", "2: -a", "3: a of ab"}, "a3 b1", "3"},
		{"without groups", []string{"1: a", "2: b"}, "a1 b2", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := open(t, "mem://")
			for _, c := range test.commits {
				commitTogether(t, l, c)
			}
			found, torn, err := l.Together(t.Context(), faultDay, []lake.Table{tableOf("a"), tableOf("b")})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for table, s := range found {
				got = append(got, table.Name()+string(s.Run))
			}
			slices.Sort(got)
			if text := strings.Join(got, " "); text != test.want || fmt.Sprintf("%s", torn) != fmt.Sprintf("%s", strings.Split(test.torn, "")) {
				t.Errorf("found %s, torn %s; want %s, torn %s", text, torn, test.want, test.torn)
			}
		})
	}
}

func tableOf(name string) lake.Table { return lake.Raw("test", name) }

func commitTogether(t *testing.T, l *lake.Lake, c string) {
	t.Helper()
	run, what, _ := strings.Cut(c, ": ")
	name, group, _ := strings.Cut(what, " of ")
	m := lake.Manifest{Table: tableOf(strings.TrimPrefix(name, "-")), Date: faultDay, Run: lake.RunID(run), Removed: name[0] == '-',
		Columns: []lake.Column{{Name: "id", Type: lake.BigInt}}}
	for _, g := range group {
		m.Together = append(m.Together, tableOf(string(g)))
	}
	if _, err := l.Commit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}
