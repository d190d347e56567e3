package canvas

import (
	"context"
	"fmt"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// isShort tells whether fewer people were found than are counted elsewhere: by GraphQL in all, by the course list as students.
// GraphQL may leave some states out of its count, so that more of them are no contradiction.
func (s *seats) isShort() bool {
	if s.users != nil && people(s.rows) < *s.users || students(s.rows) < *s.course.TotalStudents {
		return true
	}
	for section, users := range s.sections {
		if people(inSection(s.rows, section)) < users {
			return true
		}
	}
	return false
}

// counted tells whether there is a count of people in every role.
func (s *seats) counted() bool { return s.users != nil || s.sections != nil }

func inSection(rows []Enrollment, section int64) []Enrollment {
	return slices.DeleteFunc(slices.Clone(rows), func(e Enrollment) bool { return e.SectionID == nil || *e.SectionID != section })
}

// counts returns how many people were counted and how many of them were found: all that are enrolled where GraphQL counts them,
// else students.
func (s *seats) counts() (expected, found int64) {
	if s.users != nil {
		return *s.users, min(*s.users, people(s.rows))
	}
	listed := *s.course.TotalStudents
	return listed, min(listed, students(s.rows))
}

// prove reads a course by REST, which GraphQL does not give or whose pages do not add up. If people are still missing they are counted again, as
// some may have left meanwhile; and if that does not explain it, only a second reading that brings the same is accepted.
func (r *roster) prove(ctx context.Context, s *seats) error {
	rows, err := r.c.rosterByREST(ctx, s)
	if err != nil {
		return err
	}
	s.rows = rows
	if !s.isShort() {
		return nil
	}
	ctx = memo.With(ctx, nil) // answers of before prove nothing
	if err := r.recount(ctx, s); err != nil {
		return err
	}
	if !s.isShort() {
		return nil
	}
	again, err := r.c.rosterByREST(ctx, s)
	if err != nil {
		return err
	}
	if !sameRows(rows, again) {
		return fault.New(fault.Unavailable, "run the same command again when less is going on in the course",
			fmt.Errorf("%d of %d people: its enrollments change while they are read", people(again), people(rows)))
	}
	r.short.Add(1)
	return nil
}

// recount asks anew how many people a course has.
func (r *roster) recount(ctx context.Context, s *seats) error {
	course, err := rest.Do[apiCourse](ctx, r.c.direct, courseRequest(s.course.ID), nil)
	if err != nil {
		return err
	}
	if n := course.TotalStudents.Get(); n != nil {
		s.course.TotalStudents = n
	}
	if !s.counted() {
		return nil
	}
	pages, err := r.rosterPages(ctx, []*slot{{seats: s}})
	if err != nil {
		return err
	}
	if pages[0].err != nil {
		return pages[0].err
	}
	s.users, s.sections = pages[0].course.Users, pages[0].course.Sections.users()
	return nil
}

func sameRows(a, b []Enrollment) bool {
	in := map[int64]bool{}
	for _, e := range a {
		in[e.ID] = true
	}
	for _, e := range b {
		if !in[e.ID] {
			return false
		}
	}
	return len(a) == len(b)
}
