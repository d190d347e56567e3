package canvas

import (
	"context"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
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
	return &extract.Source{
		Name: "canvas",
		Tables: []extract.Table{
			extract.NewRemembering("term", []string{"id"}, c.terms),
			extract.NewRemembering("account", []string{"id"}, c.accounts),
			extract.NewRemembering("course", []string{"id"}, c.courses),
			extract.NewRemembering("course_audit_event", []string{"course_id", "created_at", "id"}, c.auditEvents),
			extract.NewRemembering("course_activity", []string{"course_id", "date"}, c.activity),
			extract.NewRemembering("enrollment", []string{"id"}, c.enrollments),
			extract.NewRemembering("tab", []string{"course_id", "tab_id"}, c.tabs),
		},
		Resume: digest(cfg.Canvas),
		Pace:   c.pace,
		Verify: c.missing.err,
		Check:  c.check,
		Close:  c.close,
	}, nil
}
