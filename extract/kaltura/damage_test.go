package kaltura

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// TestDamagedPages damages every page of a listing, whenever it is asked for: the run fails, names the listing and commits
// nothing, or commits all entries. A server that lists and counts too few from the first page on cannot be noticed.
func TestDamagedPages(t *testing.T) {
	entries := clips(11, 3)
	want := make([]string, len(entries))
	for i, e := range entries {
		want[i] = e.ID
	}
	type list struct {
		Total   int               `json:"totalCount"`
		Objects []json.RawMessage `json:"objects"`
		Type    string            `json:"objectType"`
	}
	for name, damage := range map[string]func(p *list, before []json.RawMessage){
		"none":         func(*list, []json.RawMessage) {},
		"drop row":     func(p *list, _ []json.RawMessage) { p.Objects = p.Objects[1:] },
		"cut page":     func(p *list, _ []json.RawMessage) { p.Objects = p.Objects[:len(p.Objects)/2] },
		"repeat page":  func(p *list, before []json.RawMessage) { p.Objects = before },
		"empty page":   func(p *list, _ []json.RawMessage) { p.Objects = nil },
		"empty answer": func(p *list, _ []json.RawMessage) { p.Total, p.Objects = 0, nil },
		"last page":    func(p *list, _ []json.RawMessage) { p.Total = len(p.Objects) },
		"reorder":      func(p *list, _ []json.RawMessage) { slices.Reverse(p.Objects) },
		"cut bytes":    nil,
	} {
		for victim := range 4 {
			if victim == 0 && (name == "empty answer" || name == "last page") {
				continue // see above
			}
			t.Run(fmt.Sprint(name, victim+1), func(t *testing.T) {
				server, err := campus.New(campus.Options{
					Secret: secret, Entries: func() []campus.Entry { return entries }, Now: func() time.Time { return now },
				})
				if err != nil {
					t.Fatal(err)
				}
				var asked []string // the filters of pages, in order
				pages := map[string][]json.RawMessage{}
				w := &world{size: 4}
				w.serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					filter := w.bodies[len(w.bodies)-1]
					answer := httptest.NewRecorder()
					server.ServeHTTP(answer, r)
					text := answer.Body.Bytes()
					var p list
					if !strings.Contains(r.URL.Path, "media") || strings.Contains(filter, `"pageSize":1,`) || json.Unmarshal(text, &p) != nil {
						_, _ = rw.Write(text)
						return
					}
					if pages[filter] == nil {
						asked, pages[filter] = append(asked, filter), slices.Clone(p.Objects)
					}
					if n := slices.Index(asked, filter); n == victim {
						if damage == nil {
							text = text[:len(text)/2]
						} else {
							damage(&p, pages[asked[max(0, n-1)]])
							text, _ = json.Marshal(p)
						}
					}
					_, _ = rw.Write(text)
				}))
				l := extracttest.Lake(t)
				if _, err = w.run(t, l, nil); err != nil {
					if class := fault.ClassOf(err); name == "none" || !slices.Contains([]fault.Class{fault.Temporary, fault.Unavailable, fault.Data}, class) || !strings.Contains(err.Error(), "media") {
						t.Errorf("class %v: %v", class, err)
					}
					if dates, err := l.Dates(t.Context(), "raw/kaltura/media"); err != nil || len(dates) > 0 {
						t.Errorf("committed: %v, %v", dates, err)
					}
					return
				}
				got := ids(extracttest.Rows[Media](t, l, "raw/kaltura/media", lake.DateOf(now)))
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("committed, but not the truth (-want +got)\n%s", diff)
				}
			})
		}
	}
}
