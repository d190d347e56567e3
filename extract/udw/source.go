package udw

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
)

// Open returns the warehouse as a source. It does not connect yet.
func Open(_ context.Context, cfg *config.Config, env extract.Env) (*extract.Source, error) {
	return open(cfg, env, time.Second)
}

// open lets tests set the pause before a table is read a second time.
func open(cfg *config.Config, env extract.Env, wait time.Duration) (*extract.Source, error) {
	w, err := newWarehouse(cfg, env)
	if err != nil {
		return nil, err
	}
	return &extract.Source{
		Name: "udw",
		Tables: []extract.Table{
			extract.NewTable("course_section_dim", []string{"canvas_id", "id"}, w.sections).
				Rests(restingColumns...).Again(cfg.MaxReqAttempts, wait),
			extract.NewTable("unizin_metadata", []string{"key"}, w.metadata).Loose().Again(cfg.MaxReqAttempts, wait),
		},
		Check: w.check,
	}, nil
}
