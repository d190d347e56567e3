package canvas

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/lenient"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Course is a row of raw/canvas/course, as the listing of a term gives it: a course met on
// two pages stands twice.
type Course struct {
	ID               int64      `parquet:"id" doc:"Canvas' id of the course"`
	Name             string     `parquet:"name" doc:"name, or the nickname that the token's user gave the course"`
	OriginalName     *string    `parquet:"original_name,optional" doc:"the course's own name, only where name is a nickname"`
	CourseCode       *string    `parquet:"course_code,optional" doc:"short name"`
	AccountID        int64      `parquet:"account_id" doc:"the account that the course belongs to"`
	RootAccountID    *int64     `parquet:"root_account_id,optional" doc:"the account at the top"`
	EnrollmentTermID int64      `parquet:"enrollment_term_id" doc:"the course's term"`
	CreatedAt        *time.Time `parquet:"created_at,optional,timestamp(microsecond)" doc:"when the course was made"`
	StartAt          *time.Time `parquet:"start_at,optional,timestamp(microsecond)" doc:"the course's own start, if it differs from the term's"`
	EndAt            *time.Time `parquet:"end_at,optional,timestamp(microsecond)" doc:"the course's own end, if it differs from the term's"`
	WorkflowState    string     `parquet:"workflow_state,dict" doc:"unpublished, available, completed or deleted"`
	SISCourseID      *string    `parquet:"sis_course_id,optional" doc:"id in the student information system; NULL also where the token may not see it"`
	TotalStudents    *int64     `parquet:"total_students,optional" doc:"distinct users with a student enrollment that is not rejected, completed, deleted or inactive"`
	IsPublic         *bool      `parquet:"is_public,optional" doc:"whether anybody may read the course"`
	TimeZone         *string    `parquet:"time_zone,optional,dict" doc:"IANA name of the time zone"`
	FetchedAt        time.Time  `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas"`
}

// apiCourse is a course as Canvas tells it.
type apiCourse struct {
	ID lenient.Value[ident] `json:"id"`

	// Without these there is no row: curated tables and the choice of what is read rest on them.
	Name             lenient.Value[string] `json:"name"`
	AccountID        lenient.Value[ident]  `json:"account_id"`
	EnrollmentTermID lenient.Value[ident]  `json:"enrollment_term_id"`
	WorkflowState    lenient.Value[string] `json:"workflow_state"`
	TotalStudents    lenient.Value[int64]  `json:"total_students"`

	// These may be NULL.
	OriginalName  lenient.Value[string]    `json:"original_name"`
	CourseCode    lenient.Value[string]    `json:"course_code"`
	RootAccountID lenient.Value[ident]     `json:"root_account_id"`
	CreatedAt     lenient.Value[time.Time] `json:"created_at"`
	StartAt       lenient.Value[time.Time] `json:"start_at"`
	EndAt         lenient.Value[time.Time] `json:"end_at"`
	SISCourseID   lenient.Value[string]    `json:"sis_course_id"`
	IsPublic      lenient.Value[bool]      `json:"is_public"`
	TimeZone      lenient.Value[string]    `json:"time_zone"`

	Restricted lenient.Value[bool] `json:"access_restricted_by_date"`
}

// lacks returns an error that names what is missing from a course for a row, nil if nothing is.
func (a *apiCourse) lacks() error {
	if a.Restricted.Get() != nil && *a.Restricted.Get() && a.AccountID.Get() == nil {
		return &restrictedCourse{}
	}
	return lacking(a.Name.Missing("name"), a.AccountID.Missing("account_id"), a.EnrollmentTermID.Missing("enrollment_term_id"),
		a.WorkflowState.Missing("workflow_state"), a.TotalStudents.Missing("total_students"))
}

// lacking returns an error that names all of what is missing, nil if nothing is.
func lacking(missing ...string) error {
	missing = slices.DeleteFunc(missing, func(text string) bool { return text == "" })
	if len(missing) == 0 {
		return nil
	}
	return fault.New(fault.Data, oddHint, rest.Shapef("%s", strings.Join(missing, ", ")))
}

// restrictedCourse is a course of which Canvas shows the id only, because of its dates.
type restrictedCourse struct{}

func (*restrictedCourse) Error() string {
	return "Canvas shows only its id to this token (access_restricted_by_date)"
}

const courseTable = "course"

// courses yields the listings of the configured terms.
func (c *client) courses(ctx context.Context, earlier extract.Earlier[Course]) iter.Seq2[Course, error] {
	return func(yield func(Course, error) bool) {
		for course, err := range c.listing.each(ctx, (*listing).all) {
			if err != nil {
				yield(Course{}, err)
				return
			}
			if c.missing.lacks(courseTable, course.ID) {
				continue // the earlier row stands in, see settle
			}
			if !yield(*course, nil) {
				return
			}
		}
		if n := c.listing.repeated(); n > 0 {
			tally.Of(ctx).Note("The list changed while it was read: %d rows repeat a course of another page.", n)
		}
		settle(ctx, c, courseTable, earlier, func(row Course) int64 { return row.ID }, yield)
	}
}

// coursesRequest asks for the courses of a term, and for something beside them.
func (c *client) coursesRequest(term int64, include string) rest.Request {
	query := url.Values{"enrollment_term_id": {id(term)}, "per_page": {"100"}, "include[]": {include}}
	return rest.Request{Path: c.listsAt + "accounts/" + id(c.canvas.AccountID) + "/courses", Query: query, Objects: rest.Here}
}

// countCourses asks how many courses a term has, and returns false where Canvas does not tell. It counts this list only
// for its own pages, which say that they are (ui_invoked).
func (c *client) countCourses(ctx context.Context, term int64) (int64, bool, error) {
	return rest.Count(ctx, c.lists, c.coursesRequest(term, "ui_invoked"))
}

// coursesOf begins the listing of a term: all courses, also those without enrollments, whose navigation the table tab
// needs. One listing serves both.
func (c *client) coursesOf(term int64) *rest.Pager[[]apiCourse] {
	return rest.NewPager(c.lists, rest.Listing[[]apiCourse]{
		Request: c.coursesRequest(term, "total_students"),
		Check:   checkCourses, Keys: idents(func(a apiCourse) *ident { return a.ID.Get() }),
	})
}

// checkCourses looks for what concerns the whole page: a course without an id cannot be named, and total_students may have been left
// out altogether.
func checkCourses(page *[]apiCourse) error {
	whole, counted := 0, 0
	for i, a := range *page {
		if why := a.ID.Missing("id"); why != "" {
			return rest.Shapef("[%d].%s", i, why)
		}
		if a.AccountID.Get() != nil && a.WorkflowState.Get() != nil {
			whole++
			if a.TotalStudents.Missing("") != ": missing" {
				counted++
			}
		}
	}
	if whole > 0 && counted == 0 {
		return rest.Shapef("total_students: missing from all courses, although asked for")
	}
	return nil
}

// row returns the row of a course that lacks nothing.
func (a apiCourse) row(t *tally.Table, at time.Time) *Course {
	item := "course " + id(int64(*a.ID.Get()))
	return &Course{
		ID: int64(*a.ID.Get()), Name: *a.Name.Get(), OriginalName: a.OriginalName.Or(t, "original_name", item), CourseCode: a.CourseCode.Or(t, "course_code", item),
		AccountID: int64(*a.AccountID.Get()), RootAccountID: a.RootAccountID.Or(t, "root_account_id", item).ptr(), EnrollmentTermID: int64(*a.EnrollmentTermID.Get()),
		CreatedAt: a.CreatedAt.Or(t, "created_at", item), StartAt: a.StartAt.Or(t, "start_at", item), EndAt: a.EndAt.Or(t, "end_at", item),
		WorkflowState: *a.WorkflowState.Get(), SISCourseID: a.SISCourseID.Or(t, "sis_course_id", item), TotalStudents: a.TotalStudents.Get(),
		IsPublic: a.IsPublic.Or(t, "is_public", item), TimeZone: a.TimeZone.Or(t, "time_zone", item), FetchedAt: at,
	}
}

// rowsOf returns the rows of a page of a course list. A course that lacks something is asked for by itself; if that does not help, it is missing,
// and the row of the earlier snapshot stands in for it.
func (c *client) rowsOf(ctx context.Context, page rest.Reply[[]apiCourse]) ([]*Course, error) {
	rows := make([]*Course, 0, len(page.Value))
	odd := map[int64]bool{}
	for _, a := range page.Value {
		why, course := a.lacks(), int64(*a.ID.Get())
		if why == nil {
			rows = append(rows, a.row(tally.Of(ctx), fetched(page.At)))
			continue
		}
		// Not remembered, unlike the page: what was done about the course shows when the same command is run again.
		alone, err := rest.Do(ctx, c.direct, courseRequest(course), (*apiCourse).isThere)
		switch {
		case err == nil && int64(*alone.ID.Get()) == course && alone.lacks() == nil:
			rows = append(rows, alone.row(tally.Of(ctx), fetched(c.now())))
			continue
		case err != nil && hopeless(ctx, err):
			return nil, err
		}
		if err := c.missing.add(ctx, courseTable, course, why); err != nil {
			return nil, err
		}
		odd[course] = true
	}
	if len(odd) == 0 {
		return rows, nil
	}
	earlier, err := extract.Before[Course](ctx, courseTable)
	if err != nil {
		return nil, err
	}
	_, err = earlier.Scan(ctx, func(row Course) {
		if odd[row.ID] {
			delete(odd, row.ID)
			rows = append(rows, &row)
		}
	})
	return rows, err
}

func courseRequest(course int64) rest.Request {
	return rest.Request{Path: restPath + "courses/" + id(course), Query: url.Values{"include[]": {"total_students"}}}
}

func (a *apiCourse) isThere() error {
	if why := a.ID.Missing("id"); why != "" {
		return rest.Shapef("%s", why)
	}
	return nil
}
