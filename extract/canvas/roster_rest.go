package canvas

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// apiSeat is an enrollment as REST tells it, without the person's name and login that come with it.
type apiSeat struct {
	ID        *ident  `json:"id"`
	SectionID *ident  `json:"course_section_id"`
	UserID    *ident  `json:"user_id"`
	State     *string `json:"enrollment_state"`
	Type      *string `json:"type"`

	Odd string `json:"-"` // what cannot be read and is nil
}

// UnmarshalJSON never fails, so that an odd enrollment does not stop its course.
func (a *apiSeat) UnmarshalJSON(data []byte) error {
	var m struct {
		ID        lenient.Value[ident]  `json:"id"`
		SectionID lenient.Value[ident]  `json:"course_section_id"`
		UserID    lenient.Value[ident]  `json:"user_id"`
		State     lenient.Value[string] `json:"enrollment_state"`
		Type      lenient.Value[string] `json:"type"`
	}
	if json.Unmarshal(data, &m) != nil {
		*a = apiSeat{Odd: "it is no object"}
		return nil
	}
	*a = apiSeat{ID: m.ID.Get(), SectionID: m.SectionID.Get(), UserID: m.UserID.Get(), State: m.State.Get(), Type: m.Type.Get(), Odd: oddOf(
		m.ID.Odd(), "id", m.SectionID.Odd(), "course_section_id", m.UserID.Odd(), "user_id", m.State.Odd(), "enrollment_state", m.Type.Odd(), "type")}
	return nil
}

func (a apiSeat) isThere() bool { return a.ID != nil && a.State != nil && a.Type != nil }

// oddSeat is an enrollment that cannot be read as a whole.
type oddSeat struct {
	id        *ident
	name, why string
	noRow     bool
}

// oddSeat says what is odd about an enrollment. place is its number in the list of the course.
func (a apiSeat) oddSeat(course int64, place int) oddSeat {
	o := oddSeat{a.ID, fmt.Sprintf("enrollment number %d of course %d", place, course), cmp.Or(a.Odd, "id, enrollment_state or type: missing"), !a.isThere()}
	if a.ID != nil {
		o.name = fmt.Sprintf("enrollment %d of course %d", *a.ID, course)
	}
	return o
}

// noteOdd notes enrollments that cannot be read as a whole.
func (s *seats) noteOdd(t *tally.Table) {
	for _, o := range s.left {
		if o.noRow {
			t.LeftOut(o.name, o.why)
			continue
		}
		field, value, _ := strings.Cut(o.why, ": ")
		t.Unread(field, o.name, value)
	}
}

type apiSection struct {
	ID   *ident  `json:"id"`
	Name *string `json:"name"`
}

// listedStates are all states but deleted: those that GraphQL shows without a filter. REST shows only
// some of them unless they are named.
var listedStates = []string{"active", "invited", "creation_pending", "completed", "inactive", "rejected"}

// rosterByREST reads a course's enrollments by bookmark, which neither repeats nor skips rows. What GraphQL
// has shown is kept where REST does not list it.
func (c *client) rosterByREST(ctx context.Context, s *seats) ([]Enrollment, error) {
	path := restPath + "courses/" + id(s.course.ID)
	request := rest.Request{Path: path + "/enrollments", Query: url.Values{"per_page": {"100"}, "state[]": listedStates}, Objects: rest.Here}
	names := map[int64]*string{}
	for _, e := range s.rows {
		if e.SectionID != nil {
			names[*e.SectionID] = e.SectionName
		}
	}
	var rows []Enrollment
	listed := map[int64]struct{}{}
	nameless, place := false, 0
	s.left = nil
	for page, err := range rest.Pages(ctx, c.direct, rest.Listing[[]apiSeat]{
		Request: request, Check: checkSeats, Keys: idents(func(a apiSeat) *ident { return a.ID }),
	}) {
		if err != nil {
			return nil, err
		}
		at := fetched(page.At)
		for _, a := range page.Value {
			place++
			if a.Odd != "" || !a.isThere() {
				s.left = append(s.left, a.oddSeat(s.course.ID, place))
			}
			if !a.isThere() {
				continue
			}
			e := a.row(s.course.ID, at)
			if _, again := listed[e.ID]; again {
				continue
			}
			listed[e.ID] = struct{}{}
			rows = append(rows, e)
			if e.SectionID != nil && names[*e.SectionID] == nil {
				nameless = true
			}
		}
	}
	if nameless {
		if err := c.sectionNames(ctx, path, names); err != nil {
			return nil, err
		}
	}
	for i, e := range rows {
		if e.SectionID != nil {
			rows[i].SectionName = names[*e.SectionID]
		}
	}
	for _, e := range s.rows {
		if _, too := listed[e.ID]; !too {
			rows = append(rows, e)
			s.left = slices.DeleteFunc(s.left, func(o oddSeat) bool { return o.id != nil && int64(*o.id) == e.ID })
		}
	}
	return rows, nil
}

func (a apiSeat) row(course int64, at time.Time) Enrollment {
	return Enrollment{
		ID: int64(*a.ID), CourseID: course, SectionID: a.SectionID.ptr(), UserID: a.UserID.ptr(), State: *a.State, Type: *a.Type, FetchedAt: at,
	}
}

func checkSeats(page *[]apiSeat) error {
	if len(*page) > 0 && !slices.ContainsFunc(*page, apiSeat.isThere) {
		return rest.Shapef("id, enrollment_state or type missing from all of %d", len(*page))
	}
	return nil
}

// sectionNames adds the names of a course's sections.
func (c *client) sectionNames(ctx context.Context, course string, names map[int64]*string) error {
	request := rest.Request{Path: course + "/sections", Query: url.Values{"per_page": {"100"}}}
	check := func(page *[]apiSection) error {
		for i, a := range *page {
			if a.ID == nil {
				return rest.Shapef("[%d].id: missing", i)
			}
		}
		return nil
	}
	for page, err := range rest.Pages(ctx, c.direct, rest.Listing[[]apiSection]{
		Request: request, Check: check, Keys: idents(func(a apiSection) *ident { return a.ID }),
	}) {
		if err != nil {
			return err
		}
		for _, a := range page.Value {
			names[int64(*a.ID)] = a.Name
		}
	}
	return nil
}
