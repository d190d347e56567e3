package campus_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/campustest"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// What a plain client gets together over the wire is the truth, in every profile.
func TestCrawlFindsTheTruth(t *testing.T) {
	for _, p := range []campus.Profile{campus.Clean, campus.Throttled, campus.Flaky, campus.Hostile} {
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			s := campustest.Start(t, campus.Options{Seed: 4, Courses: 60, Date: monday, Profile: p, Stall: 1, Latency: 1, Orphans: p == campus.Hostile})
			r := newReader(t, s)
			got, again := crawl(r)
			want := map[string]string{}
			tables, err := s.Truth(monday, time.Time{}, university.JobInventory)
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range tables {
				var b strings.Builder
				if err := table.WriteJSON(&b); err != nil {
					t.Fatal(err)
				}
				want[table.Name] = b.String()
			}
			delete(want, "data_source_status")
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("truth and crawl differ: %.3000s", diff)
			}
			stats := s.Stats()
			t.Logf("%d requests, %d retried, %d courses read again, faults %v", stats.Total(), r.retried, again, stats.Faults)
			if unkind := p == campus.Flaky || p == campus.Hostile; unkind != (r.retried > 0) || (p == campus.Hostile) != (again > 0) || (p == campus.Hostile) != (r.orphans > 0) {
				t.Errorf("profile %s: %d requests retried, %d courses read again", p, r.retried, again)
			}
		})
	}
}

// values is a row as it is compared: values in column order.
type values []any

// table writes rows as the truth does, sorted by their first column and, where that is not unique, the last.
func table(columns string, rows []values) string {
	slices.SortFunc(rows, func(a, b values) int {
		last := len(a) - 1 // of usage: the date
		return cmp.Or(cmp.Compare(a[0].(int64), b[0].(int64)), cmp.Compare(fmt.Sprint(a[last]), fmt.Sprint(b[last])))
	})
	var b strings.Builder
	for _, row := range rows {
		b.WriteByte('{')
		for k, name := range strings.Fields(columns) {
			if k > 0 {
				b.WriteByte(',')
			}
			text, err := json.Marshal(row[k])
			if err != nil {
				panic(err)
			}
			fmt.Fprintf(&b, "%q:%s", name, text)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// when turns Canvas' times into the form of the tables.
func when(s *string) any {
	if s == nil {
		return nil
	}
	t, err := time.Parse("2006-01-02T15:04:05Z", *s)
	if err != nil {
		panic(err)
	}
	return t.Format(time.DateTime)
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

type course struct {
	ID           int64
	Name         string
	OriginalName *string `json:"original_name"`
	Account      int64   `json:"account_id"`
	Term         int64   `json:"enrollment_term_id"`
	Created      *string `json:"created_at"`
	State        string  `json:"workflow_state"`
	SIS          *string `json:"sis_course_id"`
	Students     *int    `json:"total_students"`
}

// crawl reads everything and returns the tables; again counts courses whose GraphQL
// pages did not add up.
func crawl(r *reader) (tables map[string]string, again int) {
	gateway := r.s.GatewayURL + "/" + r.s.GatewayPrefix
	rows := map[string][]values{}
	kept := map[int64]course{}
	for _, id := range r.s.TermIDs {
		type term struct {
			ID    int64
			Name  string
			SIS   *string `json:"sis_term_id"`
			Start *string `json:"start_at"`
			End   *string `json:"end_at"`
		}
		m, _ := object[term](r, fmt.Sprintf("%s/accounts/1/terms/%d", gateway, id), true)
		rows["term"] = append(rows["term"], values{m.ID, m.Name, m.SIS, when(m.Start), when(m.End)})
		target := fmt.Sprintf("%s/accounts/1/courses?enrollment_term_id=%d&with_enrollments=True&per_page=20&include[]=total_students", gateway, id)
		for _, c := range list[course](r, target, true) {
			if *c.Students > 0 {
				kept[c.ID] = c
			}
		}
	}
	accounts := map[int64]bool{}
	sections := map[string]string{}
	for _, c := range kept {
		accounts[c.Account] = true
		var published any
		if c.State == "available" {
			published = newestPublication(r, c.ID)
		}
		name := c.Name
		if c.OriginalName != nil {
			name = *c.OriginalName
		}
		rows["course"] = append(rows["course"], values{c.ID, c.SIS, name, c.Account, c.Term, when(c.Created), published, c.State})
		enrollments, whole := graphqlEnrollments(r, json.Number(strconv.FormatInt(c.ID, 10)))
		if !whole {
			again++
			enrollments = restEnrollments(r, json.Number(strconv.FormatInt(c.ID, 10)))
		}
		for _, e := range enrollments {
			if e.Section == "" {
				r.orphans++
				continue
			}
			rows["enrollment"] = append(rows["enrollment"], values{number(e.ID), c.ID, number(e.Section), number(e.User), e.State, e.Type})
			if e.SectionName != "" {
				sections[e.Section] = e.SectionName
			}
		}
		if c.State == "available" {
			type day struct {
				Date                  string
				Views, Participations int64
			}
			days, _ := object[[]day](r, fmt.Sprintf("%s/api/v1/courses/%d/analytics/activity", r.s.CanvasURL, c.ID), false)
			for _, d := range days {
				rows["canvas_course_usage"] = append(rows["canvas_course_usage"], values{c.ID, d.Views, d.Participations, d.Date})
			}
		}
	}
	for id := range accounts {
		type account struct {
			ID   int64
			Name string
			SIS  *string `json:"sis_account_id"`
		}
		a, _ := object[account](r, fmt.Sprintf("%s/accounts/%d", gateway, id), true)
		rows["account"] = append(rows["account"], values{a.ID, a.SIS, a.Name})
	}
	sis := map[int64]*string{}
	today, err := r.s.University().On(monday)
	if err != nil {
		r.t.Fatal(err)
	}
	for w := range today.Warehouse() {
		if old := sis[w.CanvasID]; w.SISSourceID != "" && (old == nil || w.SISSourceID < *old) {
			sis[w.CanvasID] = &w.SISSourceID
		}
	}
	for id, name := range sections {
		rows["course_section"] = append(rows["course_section"], values{number(id), sis[number(id)], name})
	}
	tables = map[string]string{}
	for name, columns := range map[string]string{
		"account": "canvas_id sis_id name", "term": "canvas_id name sis_id start_at end_at",
		"course":         "canvas_id sis_id name account_id term_id created_at published_at workflow_state",
		"course_section": "canvas_id sis_id name", "canvas_course_usage": "course_id views participations date",
		"enrollment": "canvas_id course_id course_section_id user_id workflow_state role_type",
	} {
		tables[name] = table(columns, rows[name])
	}
	return tables, again
}

// newestPublication goes through a course's audit log until it meets a publication.
func newestPublication(r *reader, course int64) any {
	type page struct {
		Events []struct {
			Created *string `json:"created_at"`
			Type    string  `json:"event_type"`
		}
	}
	target := fmt.Sprintf("%s/api/v1/audit/course/courses/%d?per_page=100", r.s.CanvasURL, course)
	for target != "" {
		var p page
		links, _ := r.try("GET", target, nil, false, func(b []byte) error {
			p = page{}
			return json.Unmarshal(b, &p)
		})
		for _, e := range p.Events {
			if e.Type == "published" {
				return when(e.Created)
			}
		}
		target = next(links)
	}
	return nil
}

// next returns the target of rel="next".
func next(links string) string {
	for link := range strings.SplitSeq(links, ",<") {
		if u, found := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`); found {
			return u
		}
	}
	return ""
}
