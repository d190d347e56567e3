package canvas

import (
	"context"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Open returns Canvas as a source. It asks nothing of the servers yet.
func Open(_ context.Context, cfg *config.Config, env extract.Env) (*extract.Source, error) {
	return open(cfg, env, rest.Tuning{})
}

func open(cfg *config.Config, env extract.Env, t rest.Tuning) (*extract.Source, error) {
	c, err := newClient(cfg, env, t)
	if err != nil {
		return nil, err
	}
	scope := lake.Scope{"account": {cfg.Canvas.AccountID}, "terms": slices.Clone(cfg.Canvas.TermIDs)}
	added := lake.Scope{"added courses": slices.Clone(cfg.Canvas.AddCourseIDs)}
	source := &extract.Source{
		Name: "canvas",
		Tables: []extract.Table{
			extract.NewRemembering("term", []string{"id"}, c.terms).Rests("sis_term_id", "start_at", "end_at"),
			extract.NewRemembering("account", []string{"id"}, c.accounts).Rests("sis_account_id"),
			extract.NewRemembering("course", []string{"id"}, c.courses).Rests("sis_course_id", "created_at", "total_students"),
			// Canvas forgets events after a year, those of courses made on one day together; table course keeps what it knew.
			extract.NewRemembering("course_audit_event", []string{"course_id", "created_at", "id"}, c.auditEvents).Loose(),
			extract.NewRemembering("course_activity", []string{"course_id", "date"}, c.activity),
			extract.NewRemembering("enrollment", []string{"id"}, c.enrollments).Rests("section_id", "section_name", "user_id"),
			extract.NewRemembering("tab", []string{"course_id", "tab_id"}, c.tabs),
		},
		Resume: digest(cfg.Canvas),
		Pace:   c.pace,
		Verify: c.missing.err,
		Check:  c.check,
		Close:  c.close,
	}
	for i, t := range source.Tables {
		if t.Name == "tab" {
			source.Tables[i] = t.Within(scope.With(added))
		} else {
			source.Tables[i] = t.Within(scope)
		}
	}
	return source, nil
}
