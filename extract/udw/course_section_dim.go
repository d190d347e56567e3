package udw

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
)

// Section is a row of raw/udw/course_section_dim. The warehouse enforces nothing: ids may
// be missing, and one canvas_id may have several rows, deleted ones among them.
type Section struct {
	ID               *int64     `parquet:"id,optional" doc:"the warehouse's own id of the row"`
	CanvasID         *int64     `parquet:"canvas_id,optional" doc:"Canvas' id of the section"`
	Name             *string    `parquet:"name,optional,dict" doc:"name of the section"`
	CourseID         *int64     `parquet:"course_id,optional" doc:"the warehouse's own id of the course"`
	EnrollmentTermID *int64     `parquet:"enrollment_term_id,optional" doc:"the warehouse's own id of the term"`
	WorkflowState    *string    `parquet:"workflow_state,optional,dict" doc:"active or deleted"`
	SISSourceID      *string    `parquet:"sis_source_id,optional,dict" doc:"id in the student information system"`
	CreatedAt        *time.Time `parquet:"created_at,optional,timestamp(microsecond)" doc:"when the section was made"`
	UpdatedAt        *time.Time `parquet:"updated_at,optional,timestamp(microsecond)" doc:"when the section was last changed"`
	FetchedAt        time.Time  `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from the warehouse"`
}

// sectionColumns are those that the table's rows are made of. All may be NULL, what cannot be read among them: how many of canvas_id, name and
// sis_source_id may be, on which curated tables rest, a gate says ([extract.Table.Rests]).
const sectionColumns = "id, canvas_id, name, course_id, enrollment_term_id, workflow_state, sis_source_id, created_at, updated_at"

// restingColumns are those whose values curated tables show.
var restingColumns = []string{"canvas_id", "name", "sis_source_id"}

// What cannot be read in a few rows is odd; in more than a tenth of them the column has become another.
const (
	maxOddRows = 10
	oddShare   = 10 // one in so many
)

// sections yields the whole table.
func (w *warehouse) sections(ctx context.Context) iter.Seq2[Section, error] {
	return connected(ctx, w, func(conn *session) iter.Seq2[Section, error] {
		return func(yield func(Section, error) bool) {
			asOf, err := w.dataDate(ctx, conn)
			if err != nil {
				yield(Section{}, err)
				return
			}
			tally.Of(ctx).AsOf(asOf)
			w.observe(ctx, conn, "course_section_dim")
			sql := "SELECT " + sectionColumns + " FROM " +
				w.table("course_section_dim") + " ORDER BY canvas_id, id"
			all, odd := 0, 0
			for row, err := range query(ctx, w, conn, sql, func(rows *record) (Section, error) {
				s := Section{FetchedAt: w.now().UTC().Truncate(time.Microsecond)}
				err := rows.Scan(orNull[int64]{&s.ID}, orNull[int64]{&s.CanvasID}, orNull[string]{&s.Name}, orNull[int64]{&s.CourseID}, orNull[int64]{&s.EnrollmentTermID},
					orNull[string]{&s.WorkflowState}, orNull[string]{&s.SISSourceID}, orNull[time.Time]{&s.CreatedAt}, orNull[time.Time]{&s.UpdatedAt})
				all++
				if slices.ContainsFunc(rows.unread, func(u unread) bool { return slices.Contains(restingColumns, u.column) }) {
					odd++
				}
				for _, u := range rows.unread {
					tally.Of(ctx).Unread(u.column, "section "+name(s), u.value)
				}
				s.CreatedAt, s.UpdatedAt = utc(s.CreatedAt), utc(s.UpdatedAt)
				return s, err
			}) {
				if !yield(row, err) || err != nil {
					return
				}
			}
			if odd > maxOddRows && odd*oddShare > all {
				yield(Section{}, unreadable(fmt.Errorf("%d of %d sections have an unreadable %s", odd, all, strings.Join(restingColumns, " or "))))
			}
		}
	})
}

// name names a section in a note.
func name(s Section) string {
	switch {
	case s.CanvasID != nil:
		return strconv.FormatInt(*s.CanvasID, 10)
	case s.ID != nil:
		return "without canvas_id, id " + strconv.FormatInt(*s.ID, 10)
	}
	return "without an id"
}

// utc returns a time in UTC. Times without a zone are in UTC already.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
