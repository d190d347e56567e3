package zoom

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestDamagedPages damages every page of a history, whenever it is asked for: its tab is either whole, or named as one whose
// meetings are missing. A first page that says 0 and lists nothing cannot be told from an empty history, nor a short list
// without any total from a whole one.
func TestDamagedPages(t *testing.T) {
	const total, size = 7, 3
	pages := [][]string{{item("a"), item("b"), item("c")}, {item("d"), item("e"), item("f")}, {item("g")}, {}}
	for name, damage := range map[string]func(n int) string{
		"drop row":    func(n int) string { return result(total, size, pages[n][1:]...) },
		"cut page":    func(n int) string { return result(total, size, pages[n][:len(pages[n])/2]...) },
		"cut bytes":   func(n int) string { whole := result(total, size, pages[n]...); return whole[:len(whole)/2] },
		"repeat page": func(n int) string { return result(total, size, pages[max(0, n-1)]...) },
		"empty page":  func(int) string { return result(0, size) },
		"no total":    func(n int) string { return fmt.Sprintf(`{"result":{"list":[%s]}}`, strings.Join(pages[n][1:], ",")) },
		"reorder": func(n int) string {
			list := slices.Clone(pages[n])
			slices.Reverse(list)
			return result(total, size, list...)
		},
	} {
		for victim := range 3 {
			if name == "empty page" && victim == 0 {
				continue // see above
			}
			t.Run(fmt.Sprint(name, victim+1), func(t *testing.T) {
				w := newWorld(t)
				w.list = func(rw http.ResponseWriter, _ *http.Request, page int) {
					text := result(total, size, pages[min(page, 4)-1]...)
					if page == victim+1 {
						text = damage(victim)
					}
					_, _ = rw.Write([]byte(text))
				}
				rows, notes, _, err := w.run(t, 1, 2)
				if err != nil {
					if len(rows) > 0 || !strings.Contains(err.Error(), "course 2, tool 25194") {
						t.Errorf("%v, %d rows", err, len(rows))
					}
					return
				}
				of := map[int64]int{}
				for _, r := range rows {
					of[r.CourseID]++
				}
				named := strings.Contains(notes, "Course 2 (tool 25194): Zoom speaks of 7 meetings and lists ")
				if of[1] != 1 || of[2] != total && !(of[2] == 0 && named) {
					t.Errorf("meetings by course %v, notes %q", of, notes)
				}
			})
		}
	}
}
