package canvas

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// Checkup returns the questions that tell whether Canvas and the gateway grant what the tables need.
func Checkup(_ context.Context, cfg *config.Config, env extract.Env) (checkup.Patient, error) {
	c, err := newClient(cfg, env, rest.Tuning{})
	if err != nil {
		return checkup.Patient{}, err
	}
	d := &doctor{client: c}
	lists := "direct"
	if cfg.Canvas.UsesGateway() {
		lists = "through the gateway"
	}
	ofCourses := []string{"course", "course_audit_event", "course_activity", "enrollment"}
	return checkup.Patient{Close: c.close, Questions: []checkup.Question{
		{Name: "GraphQL and token", Ask: d.token},
		{Name: "terms, " + lists, Ask: d.terms},
		{Name: "course lists, " + lists, Ask: d.courses},
		{Name: "SIS ids", Tables: ofCourses, Ask: d.sis},
		{Name: "course change log", Tables: []string{"course_audit_event"}, Ask: d.aboutCourse(d.audit)},
		{Name: "analytics", Tables: []string{"course_activity"}, Ask: d.aboutCourse(d.activity)},
		{Name: "roster", Tables: []string{"enrollment"}, Ask: d.aboutCourse(d.roster)},
		{Name: "navigation of courses", Tables: []string{"tab"}, Ask: d.aboutCourse(d.tabs)},
	}}, nil
}

// doctor asks Canvas question by question; the later ones are about a course that the earlier ones found.
type doctor struct {
	*client
	withSIS int   // terms and courses that show an id of the student information system
	asked   int   // terms and courses
	course  int64 // 0 until one is known
	refused bool  // the token was
}

func (d *doctor) token(ctx context.Context) (string, error) {
	_, err := rest.Do[struct{}](ctx, d.direct, graphqlRequest(`{__typename}`, nil), nil)
	d.refused = err != nil
	return "", err
}

func (d *doctor) terms(ctx context.Context) (string, error) {
	for _, id := range d.canvas.TermIDs {
		t, err := d.term(ctx, id)
		if err != nil {
			return "", err
		}
		d.asked++
		if t.SISTermID != nil {
			d.withSIS++
		}
	}
	return fmt.Sprintf("%d of account %d", len(d.canvas.TermIDs), d.canvas.AccountID), nil
}

// courses reads the first page of the newest term that has courses.
func (d *doctor) courses(ctx context.Context) (string, error) {
	for _, term := range d.canvas.TermIDs {
		page, err := d.coursesOf(term).Next(ctx)
		if err != nil {
			return "", err
		}
		for _, a := range page.Value {
			if a.lacks() != nil {
				continue
			}
			row := a.row(tally.Of(ctx), fetched(page.At))
			d.asked++
			if row.SISCourseID != nil {
				d.withSIS++
			}
			if row.WorkflowState == "available" && row.TotalStudents != nil && *row.TotalStudents > 0 {
				d.course = row.ID
			}
		}
		if d.course != 0 {
			return fmt.Sprintf("the first page of term %d has %d courses", term, len(page.Value)), nil
		}
	}
	return "", checkup.Doubt("check CANVAS.CANVAS_TERM_IDS, unless the terms have only begun to be filled",
		"no term shows an available course with students on its first page, so nothing can be asked about one")
}

func (d *doctor) sis(context.Context) (string, error) {
	if d.asked == 0 {
		return "", checkup.ErrSkip
	}
	if d.withSIS > 0 {
		return fmt.Sprintf("%d of %d terms and courses show one", d.withSIS, d.asked), nil
	}
	return "", checkup.Doubt("give the user of CANVAS.CANVAS_TOKEN, or of the gateway, the right `SIS Data - read`, or expect sis_id to be NULL everywhere",
		"none of %d terms and courses shows its id in the student information system", d.asked)
}

// aboutCourse asks something about the course that was found, with the token.
func (d *doctor) aboutCourse(ask func(context.Context, int64) (string, error)) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		if d.refused || d.course == 0 {
			return "", checkup.ErrSkip
		}
		return ask(ctx, d.course)
	}
}

func (d *doctor) audit(ctx context.Context, course int64) (string, error) {
	request := rest.Request{Path: restPath + "audit/course/courses/" + id(course), Query: url.Values{"per_page": {"1"}}}
	_, err := rest.Do(ctx, d.direct, request, checkAudit)
	if notConfigured(err) {
		return "", checkup.Doubt("nothing can be done about it in Canvas: published_at stays NULL", "this Canvas keeps no log of changes to courses")
	}
	return "", right(err, "`Course Change Log - view` on the root account")
}

func (d *doctor) activity(ctx context.Context, course int64) (string, error) {
	rows, err := d.activityOf(ctx, course)
	if rest.NotFound(err) {
		return fmt.Sprintf("course %d has none yet", course), nil
	}
	return fmt.Sprintf("course %d has %d days", course, len(rows)), right(err, "`Analytics - view` and `Courses - view` on the account")
}

func (d *doctor) roster(ctx context.Context, course int64) (string, error) {
	query := `query($id: ID!) {c: course(id: $id) {_id enrollmentsConnection(first: 1) {nodes {_id state type section {_id} user {_id}} pageInfo {endCursor hasNextPage}}}}`
	wanted := id(course)
	answer, err := rest.Do[apiRoster](ctx, d.direct, graphqlRequest(query, map[string]*string{"id": &wanted}), nil)
	if err != nil {
		return "", err
	}
	refused := func(err error) error {
		return fault.New(fault.Permission, "give the user of CANVAS.CANVAS_TOKEN the rights `Users - view list` and `Courses - view` on the account",
			fmt.Errorf("course %d by GraphQL: %w", course, err))
	}
	c := answer.Data["c"]
	switch {
	case len(answer.Errors) > 0:
		return "", refused(errors.New(rest.Clean(answer.Errors[0].Message, "")))
	case c == nil:
		return "", refused(new(nullCourse))
	case c.Enrollments == nil || c.Enrollments.Nodes == nil:
		return "", refused(new(noRoster))
	}
	return "", nil
}

func (d *doctor) tabs(ctx context.Context, course int64) (string, error) {
	tabs, err := rest.Do[[]struct{}](ctx, d.direct, rest.Request{Path: restPath + "courses/" + id(course) + "/tabs"}, nil)
	return fmt.Sprintf("course %d has %d tabs", course, len(tabs)), right(err, "`Courses - view` on the account")
}

// right names the right that a refusal is about.
func right(err error, name string) error {
	if fault.ClassOf(err) != fault.Permission || strings.Contains(fault.HintOf(err), "does not accept") {
		return err
	}
	return fault.New(fault.Permission, "give the user of CANVAS.CANVAS_TOKEN the right "+name, err)
}
