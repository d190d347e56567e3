package canvas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// graphqlDamages are what may happen to a page of a course's enrollments on the way. A page of no rows cannot lose any.
var graphqlDamages = map[string]func(connection map[string]any){
	"drop row":   func(c map[string]any) { c["nodes"] = c["nodes"].([]any)[1:] },
	"cut page":   func(c map[string]any) { nodes := c["nodes"].([]any); c["nodes"] = nodes[:len(nodes)/2] },
	"empty page": func(c map[string]any) { c["nodes"] = []any{} },
	"repeat row": func(c map[string]any) { nodes := c["nodes"].([]any); nodes[0] = nodes[len(nodes)-1] },
	"reorder":    func(c map[string]any) { slices.Reverse(c["nodes"].([]any)) },
	"no next":    func(c map[string]any) { c["pageInfo"].(map[string]any)["hasNextPage"] = false },
	"no cursor":  func(c map[string]any) { c["pageInfo"].(map[string]any)["endCursor"] = nil },
	"no page":    func(c map[string]any) { c["pageInfo"] = nil },
}

// graphqlDamager damages the pages of one course's enrollments, and may forget to count people.
type graphqlDamager struct {
	victim  string // course and cursor; "" for none
	damage  func(map[string]any)
	counts  bool
	mu      sync.Mutex
	victims []string // all there are
}

func (d *graphqlDamager) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/graphql") {
		return http.DefaultTransport.RoundTrip(r)
	}
	var asked struct {
		Query     string
		Variables map[string]string
	}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = json.Unmarshal(body, &asked)
	}
	if err != nil {
		return nil, err
	}
	if !d.counts && (strings.Contains(asked.Query, userCount) || strings.Contains(asked.Query, sectionList)) {
		field := userCount
		if strings.Contains(asked.Query, sectionList) {
			field = sectionList
		}
		return answerOf(r, fmt.Appendf(nil, `{"errors":[{"message":"Field '%s' doesn't exist on type 'Course'"}]}`, field)), nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	var answer struct {
		Data   map[string]map[string]any `json:"data"`
		Errors json.RawMessage           `json:"errors,omitempty"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	for alias, course := range answer.Data {
		number := strings.TrimPrefix(alias, "c")
		key := asked.Variables["c"+number] + " after " + asked.Variables["after"+number]
		connection, found := course["enrollmentsConnection"].(map[string]any)
		if !found || len(connection["nodes"].([]any)) == 0 {
			continue
		}
		d.mu.Lock()
		if !slices.Contains(d.victims, key) {
			d.victims = append(d.victims, key)
		}
		d.mu.Unlock()
		if key == d.victim {
			d.damage(connection)
		}
	}
	body, err = json.Marshal(answer)
	return answerOf(r, body), err
}

func answerOf(r *http.Request, body []byte) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}
}

// TestDamagedRosters damages every page of every course's enrollments, one at a time and each time that it is asked for, at a Canvas
// that counts people and at one that does not.
func TestDamagedRosters(t *testing.T) {
	s := startCampus(t, campus.Options{Seed: 7, Courses: 6})
	truth := truthOf(t, s, now).Enrollments
	attempt := func(t *testing.T, d *graphqlDamager) ([]Enrollment, error) {
		tuning := hasty
		tuning.Transport = d
		cfg := configOf(s, false)
		cfg.MaxReqAttempts = 2
		source, err := open(cfg, extract.Env{Now: func() time.Time { return now }, Version: "test"}, tuning)
		if err != nil {
			t.Fatal(err)
		}
		l := extracttest.Lake(t)
		plan := extracttest.Plan(source, now)
		plan.Tables = []string{enrollmentTable}
		if _, err := extract.Run(t.Context(), l, plan); err != nil {
			return nil, err
		}
		rows := extracttest.Rows[Enrollment](t, l, "raw/canvas/enrollment", lake.DateOf(now))
		for i := range rows {
			rows[i].FetchedAt = truth[0].FetchedAt
		}
		return rows, nil
	}
	for _, counts := range []bool{true, false} {
		whole := &graphqlDamager{counts: counts}
		if _, err := attempt(t, whole); err != nil || len(whole.victims) == 0 {
			t.Fatal(err, whole.victims)
		}
		for _, victim := range whole.victims {
			for name, damage := range graphqlDamages {
				t.Run(fmt.Sprintf("%s/%s/counts=%t", name, victim, counts), func(t *testing.T) {
					rows, err := attempt(t, &graphqlDamager{victim: victim, damage: damage, counts: counts})
					course, _, _ := strings.Cut(victim, " ")
					if err != nil {
						if !contains(err.Error(), course) || rest.StatusOf(err) != 0 {
							t.Errorf("%v does not name course %s", err, course)
						}
						return
					}
					if diff := cmp.Diff(truth, rows); diff != "" {
						t.Errorf("committed, but not the truth (-want +got):\n%.600s", diff)
					}
				})
			}
		}
	}
}
