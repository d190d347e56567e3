package canvas

import (
	"context"
	"iter"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/fanout"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Enrollment is a row of raw/canvas/enrollment: a person's place in a course that has students, of
// every type and state but deleted.
type Enrollment struct {
	ID          int64     `parquet:"id" doc:"Canvas' id of the enrollment"`
	CourseID    int64     `parquet:"course_id" doc:"the course"`
	SectionID   *int64    `parquet:"section_id,optional" doc:"the section; NULL where Canvas names none"`
	SectionName *string   `parquet:"section_name,optional,dict" doc:"name of the section"`
	UserID      *int64    `parquet:"user_id,optional" doc:"Canvas' id of the person; NULL where Canvas names none"`
	State       string    `parquet:"state,dict" doc:"active, invited, creation_pending, completed, inactive or rejected"`
	Type        string    `parquet:"type,dict" doc:"StudentEnrollment, TeacherEnrollment, TaEnrollment, ObserverEnrollment, DesignerEnrollment or StudentViewEnrollment"`
	FetchedAt   time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from Canvas"`
}

const enrollmentTable = "enrollment"

// enrollments yields the enrollments of the kept courses, read by GraphQL, many courses to a
// request. A course that GraphQL does not give, or whose pages do not add up,
// is read by REST.
func (c *client) enrollments(ctx context.Context, earlier extract.Earlier[Enrollment]) iter.Seq2[Enrollment, error] {
	return func(yield func(Enrollment, error) bool) {
		count := tally.Of(ctx)
		roster := newRoster(c)
		for e, err := range fanout.Stream(ctx, func(ctx context.Context, emit func([]Enrollment) error) error {
			return roster.read(ctx, c.listing.each(ctx, (*listing).withStudents), emit)
		}) {
			if !yield(e, err) || err != nil {
				return
			}
		}
		if n := int(roster.uncertain.Load()); n > 0 {
			detail := "GraphQL did not count the people of " + quantity.Of(n, "course") + ": only students were compared with a second count"
			count.Check(lake.Check{Name: "enrollment_counts", Warning: true, Detail: detail, Rows: int64(n)})
			count.Note("%s.", detail)
			c.direct.Log.Warn("people other than students not counted twice", "table", enrollmentTable, "courses", n)
		}
		if n := roster.reread.Load(); n > 0 {
			count.Note("GraphQL's pages of %d courses did not add up; they were read again by REST.", n)
		}
		if n := roster.instead.Load(); n > 0 {
			count.Note("GraphQL does not answer for %d courses; they were read by REST.", n)
		}
		if n := roster.short.Load(); n > 0 {
			count.Note("In %d courses two readings agree on fewer people than are counted.", n)
		}
		settle(ctx, c, enrollmentTable, earlier, func(e Enrollment) int64 { return e.CourseID }, yield)
	}
}

// people returns how many distinct users there are among rows.
func people(rows []Enrollment) int64 {
	seen := map[int64]struct{}{}
	for _, e := range rows {
		if e.UserID != nil {
			seen[*e.UserID] = struct{}{}
		}
	}
	return int64(len(seen))
}

// students returns how many distinct users the course list counts as students among rows.
func students(rows []Enrollment) int64 {
	seen := map[int64]struct{}{}
	for _, e := range rows {
		if e.Type != "StudentEnrollment" || e.UserID == nil {
			continue
		}
		switch e.State {
		case "rejected", "completed", "deleted", "inactive":
		default:
			seen[*e.UserID] = struct{}{}
		}
	}
	return int64(len(seen))
}
