package campus

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

const warehouseTables = `
DROP TABLE IF EXISTS course_section_dim;
DROP TABLE IF EXISTS unizin_metadata;
CREATE TABLE course_section_dim (
	id bigint, canvas_id bigint, name varchar(256), course_id bigint, enrollment_term_id bigint,
	default_section boolean, accepting_enrollments boolean, can_manually_enroll boolean,
	start_at timestamp, end_at timestamp, created_at timestamp, updated_at timestamp,
	workflow_state varchar(256), restrict_enrollments_to_section_dates boolean,
	nonxlist_course_id bigint, sis_source_id varchar(256)
);
CREATE TABLE unizin_metadata (key varchar(256), value varchar(256));
`

var sectionColumns = []string{
	"id", "canvas_id", "name", "course_id", "enrollment_term_id", "default_section", "accepting_enrollments",
	"can_manually_enroll", "created_at", "updated_at", "workflow_state", "restrict_enrollments_to_section_dates", "sis_source_id",
}

// pour replaces the warehouse's tables with those of a day, in one transaction: a reader
// sees the old ones or the new ones.
func pour(ctx context.Context, dsn string, day *university.Day) error {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connect to the warehouse's PostgreSQL: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin filling the warehouse: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // does nothing after the commit
	if _, err := tx.Exec(ctx, warehouseTables); err != nil {
		return fmt.Errorf("create the warehouse's tables: %w", err)
	}
	next, stop := sectionRows(day)
	defer stop()
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{"course_section_dim"}, sectionColumns, pgx.CopyFromFunc(next)); err != nil {
		return fmt.Errorf("fill course_section_dim: %w", err)
	}
	for _, pair := range day.Metadata() {
		if _, err := tx.Exec(ctx, "INSERT INTO unizin_metadata (key, value) VALUES ($1, $2)", pair[0], pair[1]); err != nil {
			return fmt.Errorf("fill unizin_metadata: %w", err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit the warehouse's tables: %w", err)
	}
	return nil
}

// sectionRows turns the day's sections into rows that CopyFrom can pull.
func sectionRows(day *university.Day) (next func() ([]any, error), stop func()) {
	pull, stop := iter.Pull(day.Warehouse())
	return func() ([]any, error) {
		s, more := pull()
		if !more {
			return nil, nil
		}
		var sis *string
		if s.SISSourceID != "" {
			sis = &s.SISSourceID
		}
		return []any{
			s.ID, s.CanvasID, s.Name, s.CourseID, s.EnrollmentTermID, s.DefaultSection, true, true,
			s.CreatedAt, s.UpdatedAt, s.State, false, sis,
		}, nil
	}, stop
}
