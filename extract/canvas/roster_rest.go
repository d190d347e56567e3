package canvas

import (
	"context"
	"net/url"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
)

// apiSeat is an enrollment as REST tells it, without the person's name and login that come with it.
type apiSeat struct {
	ID        *ident  `json:"id"`
	SectionID *ident  `json:"course_section_id"`
	UserID    *ident  `json:"user_id"`
	State     *string `json:"enrollment_state"`
	Type      *string `json:"type"`
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
	nameless := false
	for page, err := range rest.Pages(ctx, c.direct, rest.Listing[[]apiSeat]{
		Request: request, Check: checkSeats, Keys: idents(func(a apiSeat) *ident { return a.ID }),
	}) {
		if err != nil {
			return nil, err
		}
		at := fetched(page.At)
		for _, a := range page.Value {
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
	for i, a := range *page {
		if a.ID == nil || a.State == nil || a.Type == nil {
			return rest.Shapef("[%d]: id, enrollment_state or type missing", i)
		}
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
