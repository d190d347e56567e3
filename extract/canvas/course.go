package canvas

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
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

type apiCourse struct {
	ID               *ident     `json:"id"`
	Name             *string    `json:"name"`
	OriginalName     *string    `json:"original_name"`
	CourseCode       *string    `json:"course_code"`
	AccountID        *ident     `json:"account_id"`
	RootAccountID    *ident     `json:"root_account_id"`
	EnrollmentTermID *ident     `json:"enrollment_term_id"`
	CreatedAt        *time.Time `json:"created_at"`
	StartAt          *time.Time `json:"start_at"`
	EndAt            *time.Time `json:"end_at"`
	WorkflowState    *string    `json:"workflow_state"`
	SISCourseID      *string    `json:"sis_course_id"`
	TotalStudents    *int64     `json:"total_students"`
	IsPublic         *bool      `json:"is_public"`
	TimeZone         *string    `json:"time_zone"`
}

// courses yields the listings of the configured terms.
func (c *client) courses(ctx context.Context) iter.Seq2[Course, error] {
	return func(yield func(Course, error) bool) {
		for course, err := range c.listing.each(ctx, (*listing).all) {
			if err != nil {
				yield(Course{}, err)
				return
			}
			if !yield(*course, nil) {
				return
			}
		}
		if n := c.listing.repeated(); n > 0 {
			tally.Of(ctx).Note("The list changed while it was read: %d rows repeat a course of another page.", n)
		}
	}
}

// coursesOf begins the listing of a term: all courses, also those without enrollments, whose navigation the table tab
// needs. One listing serves both.
func (c *client) coursesOf(term int64) *rest.Pager[[]apiCourse] {
	query := url.Values{"enrollment_term_id": {id(term)}, "per_page": {"100"}, "include[]": {"total_students"}}
	return rest.NewPager(c.lists, rest.Request{Path: c.listsAt + "accounts/" + id(c.canvas.AccountID) + "/courses", Query: query, Objects: rest.Here}, checkCourses)
}

func checkCourses(page *[]apiCourse) error {
	counted := len(*page) == 0
	for i, a := range *page {
		field := ""
		switch {
		case a.ID == nil:
			field = "id"
		case a.AccountID == nil:
			field = "account_id"
		case a.EnrollmentTermID == nil:
			field = "enrollment_term_id"
		case a.WorkflowState == nil:
			field = "workflow_state"
		}
		if field != "" {
			return rest.Shapef("[%d].%s: missing", i, field)
		}
		counted = counted || a.TotalStudents != nil
	}
	if !counted {
		return rest.Shapef("total_students: missing from all courses, although asked for")
	}
	return nil
}

func (a apiCourse) row(at time.Time) *Course {
	return &Course{
		ID: int64(*a.ID), Name: text(a.Name), OriginalName: a.OriginalName, CourseCode: a.CourseCode, AccountID: int64(*a.AccountID),
		RootAccountID: a.RootAccountID.ptr(), EnrollmentTermID: int64(*a.EnrollmentTermID), CreatedAt: utc(a.CreatedAt),
		StartAt: utc(a.StartAt), EndAt: utc(a.EndAt), WorkflowState: *a.WorkflowState, SISCourseID: a.SISCourseID,
		TotalStudents: a.TotalStudents, IsPublic: a.IsPublic, TimeZone: a.TimeZone, FetchedAt: at,
	}
}
