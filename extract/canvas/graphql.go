package canvas

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
)

// maxBatch is the number of aliases that Canvas accepts in one query.
const maxBatch = 20

// batchAttempts is how often a request for several courses is tried as it is. After that its
// courses go on in smaller ones, which have a better chance if it was too heavy.
const batchAttempts = 2

type apiConnection struct {
	Nodes    *[]*apiEnrollment `json:"nodes"`
	PageInfo *apiPageInfo      `json:"pageInfo"`
}

type apiPageInfo struct {
	EndCursor   *string `json:"endCursor"`
	HasNextPage *bool   `json:"hasNextPage"`
}

type apiEnrollment struct {
	ID      *ident  `json:"_id"`
	State   *string `json:"state"`
	Type    *string `json:"type"`
	Section *struct {
		ID   *ident  `json:"_id"`
		Name *string `json:"name"`
	} `json:"section"`
	User *struct {
		ID *ident `json:"_id"`
	} `json:"user"`

	Odd string `json:"odd,omitempty"` // what cannot be read and is nil
}

// UnmarshalJSON never fails, so that an odd enrollment does not stop its course.
func (a *apiEnrollment) UnmarshalJSON(data []byte) error {
	var m struct {
		ID      lenient.Value[ident]  `json:"_id"`
		State   lenient.Value[string] `json:"state"`
		Type    lenient.Value[string] `json:"type"`
		Section lenient.Value[struct {
			ID   *ident  `json:"_id"`
			Name *string `json:"name"`
		}] `json:"section"`
		User lenient.Value[struct {
			ID *ident `json:"_id"`
		}] `json:"user"`
		Odd string `json:"odd"`
	}
	if json.Unmarshal(data, &m) != nil {
		*a = apiEnrollment{Odd: "it is no object"}
		return nil
	}
	*a = apiEnrollment{ID: m.ID.Get(), State: m.State.Get(), Type: m.Type.Get(), Section: m.Section.Get(), User: m.User.Get(), Odd: m.Odd}
	if odd := oddOf(m.ID.Odd(), "_id", m.State.Odd(), "state", m.Type.Odd(), "type", m.Section.Odd(), "section", m.User.Odd(), "user"); odd != "" {
		a.Odd = odd
	}
	return nil
}

// oddOf lists pairs of what cannot be read, "" for nothing, and its name.
func oddOf(pairs ...string) string {
	var odd []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] != "" {
			odd = append(odd, pairs[i+1]+": "+pairs[i]+" cannot be read")
		}
	}
	return strings.Join(odd, ", ")
}

// isThere tells whether there is a row for an enrollment.
func (a *apiEnrollment) isThere() bool {
	return a != nil && a.ID != nil && a.State != nil && a.Type != nil
}

func (a *apiEnrollment) row(course int64, at time.Time) Enrollment {
	e := Enrollment{ID: int64(*a.ID), CourseID: course, State: *a.State, Type: *a.Type, FetchedAt: at}
	if a.Section != nil {
		e.SectionID, e.SectionName = a.Section.ID.ptr(), a.Section.Name
	}
	if a.User != nil {
		e.UserID = a.User.ID.ptr()
	}
	return e
}

type apiRoster struct {
	Data   map[string]*apiRosterCourse `json:"data"`
	Errors []struct {
		Message string            `json:"message"`
		Path    []json.RawMessage `json:"path"`
	} `json:"errors"`
}

type apiRosterCourse struct {
	ID          *ident         `json:"_id"`
	Users       *int64         `json:"usersConnectionCount,omitempty"`
	Sections    *apiSections   `json:"sectionsConnection,omitempty"`
	Enrollments *apiConnection `json:"enrollmentsConnection"`
}

type apiSections struct {
	Nodes []*struct {
		ID    *ident `json:"_id"`
		Users *int64 `json:"userCount"`
	} `json:"nodes"`
}

// users returns how many people each section has, nil where that is not told.
func (a *apiSections) users() map[int64]int64 {
	if a == nil {
		return nil
	}
	users := map[int64]int64{}
	for _, n := range a.Nodes {
		if n != nil && n.ID != nil && n.Users != nil {
			users[int64(*n.ID)] = *n.Users
		}
	}
	return users
}

// noRoster is a course whose enrollments the token may not see.
type noRoster struct{}

func (*noRoster) Error() string { return "its enrollments are null: the token may not see them" }

// nullCourse is a course that is not there, or not for the token.
type nullCourse struct{}

func (*nullCourse) Error() string {
	return "it is null: it does not exist, or the token may not see it"
}

// uncountedError is the complaint of a GraphQL that cannot count people in the way that it was asked to.
type uncountedError struct {
	what string
	next counting // the next best way
}

func (e *uncountedError) Error() string { return e.what }

// counting is how GraphQL counts the people that a course's pages are compared with.
type counting int32

const (
	byCourse  counting = iota // of the course, which Canvas has had only of late
	bySection                 // of each section
	byNothing
)

// The fields that count.
const (
	userCount    = "usersConnectionCount"
	sectionCount = "userCount"
	sectionList  = "sectionsConnection"
)

// rosterPage is one page's part of an answer.
type rosterPage struct {
	course *apiRosterCourse
	err    error
}

// rosterPages asks for a batch of pages. Trouble of a course is its own, unless
// it is alone: then the request is tried again like a failed one.
func (r *roster) rosterPages(ctx context.Context, batch []*slot) ([]rosterPage, error) {
	way := counting(r.counting.Load())
	request := graphqlRequest(rosterQuery(batch, way), rosterVariables(batch))
	if len(batch) > 1 {
		request.Attempts = batchAttempts
	}
	var pages []rosterPage
	var uncounted *uncountedError
	_, err := rest.Do(ctx, r.c.direct, request, func(a *apiRoster) error {
		pages, uncounted = nil, nil
		if uncounted = a.uncounted(); uncounted != nil && uncounted.next > way {
			return nil
		}
		var err error
		if pages, err = a.pages(batch); err == nil && len(batch) == 1 {
			err = pages[0].err
		}
		return err
	})
	if err == nil && pages == nil {
		r.counting.CompareAndSwap(int32(way), int32(uncounted.next))
		return nil, uncounted
	}
	return pages, err
}

// uncounted returns the complaint about counting, if there is one.
func (a *apiRoster) uncounted() *uncountedError {
	for _, e := range a.Errors {
		switch {
		case strings.Contains(e.Message, userCount):
			return &uncountedError{rest.Clean(e.Message, ""), bySection}
		case strings.Contains(e.Message, sectionCount), strings.Contains(e.Message, sectionList):
			return &uncountedError{rest.Clean(e.Message, ""), byNothing}
		}
	}
	return nil
}

// pages takes an answer apart. Its error concerns all courses.
func (a *apiRoster) pages(batch []*slot) ([]rosterPage, error) {
	troubled := map[string]error{}
	for _, e := range a.Errors {
		err := errors.New("GraphQL: " + rest.Clean(e.Message, ""))
		var name string
		if len(e.Path) == 0 || json.Unmarshal(e.Path[0], &name) != nil {
			return nil, err
		}
		troubled[name] = err
	}
	if a.Data == nil {
		return nil, rest.Shapef("data: missing")
	}
	pages := make([]rosterPage, len(batch))
	for i, s := range batch {
		name := alias(i)
		course, answered := a.Data[name]
		switch {
		case troubled[name] != nil:
			pages[i].err = troubled[name]
		case !answered:
			return nil, rest.Shapef("data.%s: missing", name)
		default:
			pages[i].course, pages[i].err = course, course.check(s.course.ID)
		}
	}
	return pages, nil
}

// check tells whether the page of a course is all there.
func (a *apiRosterCourse) check(course int64) error {
	switch {
	case a == nil:
		return &nullCourse{}
	case a.ID == nil || int64(*a.ID) != course:
		return rest.Shapef("_id: not that of the course")
	case a.Enrollments == nil:
		return &noRoster{}
	case a.Enrollments.Nodes == nil || a.Enrollments.PageInfo == nil || a.Enrollments.PageInfo.HasNextPage == nil:
		return rest.Shapef("nodes or pageInfo: missing")
	}
	if nodes := *a.Enrollments.Nodes; len(nodes) > 0 && !slices.ContainsFunc(nodes, (*apiEnrollment).isThere) {
		return rest.Shapef("nodes: _id, state or type missing from all of %d", len(nodes))
	}
	return nil
}

func graphqlRequest(query string, variables map[string]*string) rest.Request {
	body, err := json.Marshal(struct {
		Query     string             `json:"query"`
		Variables map[string]*string `json:"variables,omitempty"`
	}{query, variables})
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return rest.Request{Method: http.MethodPost, Path: "graphql", Body: body}
}
