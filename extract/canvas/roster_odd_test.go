package canvas

import (
	"slices"
	"strings"
	"testing"
)

// TestOddEnrollments reads courses with an odd enrollment: REST gives it whole or, where it is odd there too, it alone is left out and named.
func TestOddEnrollments(t *testing.T) {
	spoilt := func(was, is string) func(int, int) string {
		return func(course, from int) string {
			if course != 3 || from != 0 {
				return ""
			}
			return strings.Replace(truePage(course, from), was, is, 1)
		}
	}
	for name, test := range map[string]struct {
		page func(int, int) string
		seat map[int]string
		lost []int64 // enrollments without a row
		null []int64 // enrollments without a user
		said []string
	}{
		"odd id in GraphQL alone":    {page: spoilt(`"_id":"302"`, `"_id":"x"`)},
		"no object in GraphQL alone": {page: spoilt(node(3, 2), `"x"`)},
		"null in GraphQL alone":      {page: spoilt(node(3, 2), `null`)},
		"odd user in GraphQL alone":  {page: spoilt(`"user":{"_id":"2"}`, `"user":{"_id":{}}`)},
		"odd id in both": {page: spoilt(`"_id":"302"`, `"_id":"x"`), lost: []int64{302},
			seat: map[int]string{302: `{"id":"x","course_section_id":30,"user_id":2,"enrollment_state":"active","type":"StudentEnrollment"}`},
			said: []string{`enrollment number 2 of course 3: id: "x" cannot be read`, "1 item could not be read and left out"}},
		"no state in both": {page: spoilt(`"state":"active"`, `"state":null`), lost: []int64{301},
			seat: map[int]string{301: `{"id":301,"course_section_id":30,"user_id":1,"enrollment_state":null,"type":"StudentEnrollment"}`},
			said: []string{"enrollment 301 of course 3: id, enrollment_state or type: missing"}},
		"no object in both": {page: spoilt(node(3, 2), `7`), seat: map[int]string{302: `7`}, lost: []int64{302},
			said: []string{"enrollment number 2 of course 3: it is no object"}},
		"odd user in both": {page: spoilt(`"user":{"_id":"2"}`, `"user":{"_id":"?"}`), null: []int64{302},
			seat: map[int]string{302: `{"id":302,"course_section_id":30,"user_id":"?","enrollment_state":"active","type":"StudentEnrollment"}`},
			said: []string{`user_id of enrollment 302 of course 3: "?" cannot be read`}},
		"odd in REST alone": {page: func(course, from int) string {
			if course == 3 && from == 2 {
				return connection("4", node(3, 3), node(3, 3)) // a row came twice
			}
			return ""
		}, seat: map[int]string{301: `{"id":301,"enrollment_state":[]}`}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &rosterServer{courses: 5, users: 5, page: test.page, seat: test.seat}
			rows, result, err := s.read(t)
			if err != nil {
				t.Fatal(err)
			}
			want := map[int64]bool{}
			for _, e := range s.truth() {
				want[e.ID] = !slices.Contains(test.lost, e.ID)
			}
			for _, e := range rows {
				if !want[e.ID] || (e.UserID == nil) != slices.Contains(test.null, e.ID) || e.SectionID == nil || e.SectionName == nil {
					t.Errorf("row %+v", e)
				}
				delete(want, e.ID)
			}
			for id, there := range want {
				if there {
					t.Errorf("enrollment %d is missing", id)
				}
			}
			notes := strings.Join(result.Notes, "\n")
			for _, part := range test.said {
				if !strings.Contains(notes, part) {
					t.Errorf("%q is not in %s", part, notes)
				}
			}
			if odd := strings.Contains(notes, "could not be read"); odd != (len(test.said) > 0) {
				t.Errorf("notes %s", notes)
			}
		})
	}
}
