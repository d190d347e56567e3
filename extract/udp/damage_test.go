package udp

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const rowMark = `{"f":` // begins a row

// rowsIn returns a page's text before its rows, the rows, and what follows them.
func rowsIn(text []byte) (head string, rows []string, tail string) {
	head, rest, _ := strings.Cut(string(text), `"rows":[`)
	end := strings.LastIndexByte(rest, ']')
	for _, row := range strings.Split(strings.TrimSuffix(rest[:end], ","), ","+rowMark) {
		rows = append(rows, rowMark+strings.TrimPrefix(row, rowMark))
	}
	return head + `"rows":[`, rows, rest[end:]
}

// TestDamagedPages damages every page of a result, whenever it is asked for: the run fails, names the result and commits
// nothing, or commits all events. A row that stands for another one cannot be noticed: the store may hold an event twice.
func TestDamagedPages(t *testing.T) {
	const total, size = 250, 100
	reverse := func(rows []string) []string { slices.Reverse(rows); return rows }
	for name, change := range map[string]func(rows, before []string) []string{
		"drop row":    func(rows, _ []string) []string { return rows[1:] },
		"cut page":    func(rows, _ []string) []string { return rows[:len(rows)/2] },
		"repeat page": func(_, before []string) []string { return before },
		"reorder":     func(rows, _ []string) []string { return reverse(rows) },
		"cut bytes":   nil,
		"drop token":  nil,
		"old token":   nil,
		"never done":  nil,
	} {
		for victim := range (total + size - 1) / size {
			if name == "repeat page" && victim == 0 || name == "never done" && victim > 0 {
				continue
			}
			t.Run(fmt.Sprint(name, victim+1), func(t *testing.T) {
				var before []string
				server := plenty{rows: total, page: size}
				server.damage = func(from, to int, text []byte) []byte {
					head, rows, tail := rowsIn(text)
					defer func() { before = rows }()
					switch next := fmt.Sprintf(`,"pageToken":"%d"`, to); {
					case from/size != victim:
						return text
					case name == "cut bytes":
						return text[:len(text)/2]
					case name == "drop token":
						return bytes.Replace(text, []byte(next), nil, 1)
					case name == "old token":
						return append(bytes.TrimSuffix(bytes.Replace(text, []byte(next), nil, 1), []byte("}")), fmt.Sprintf(`,"pageToken":"%d"}`, from)...)
					case name == "never done":
						return []byte(`{"jobComplete":false}`)
					}
					return []byte(head + strings.Join(change(slices.Clone(rows), before), ",") + tail)
				}
				w := newWorld(t, nil, nil)
				w.serve(t, &server)
				w.tuning.queryLimit, w.tuning.standstill = 300_000_000, 300_000_000 // nanoseconds
				l := extracttest.Lake(t)
				_, err := w.run(t, l, nil)
				if err != nil {
					if class := fault.ClassOf(err); class != fault.Temporary && class != fault.Unavailable || !strings.Contains(err.Error(), "BigQuery") {
						t.Errorf("class %v: %v", class, err)
					}
					if dates, err := l.Dates(t.Context(), "raw/udp/event"); err != nil || len(dates) > 0 {
						t.Errorf("committed: %v, %v", dates, err)
					}
					return
				}
				want := make([]Event, total)
				for i := range want {
					want[i] = server.event(i)
				}
				if diff := cmp.Diff(want, rowsOf(t, l, lake.DateOf(now))); diff != "" {
					t.Errorf("committed, but not the truth (-want +got)\n%.600s", diff)
				}
			})
		}
	}
}
