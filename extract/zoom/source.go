package zoom

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/memo"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Open returns Zoom as a source. It asks nothing of the servers yet. Which courses have Zoom it learns from raw/canvas/tab
// of the same date in the run's lake.
func Open(_ context.Context, cfg *config.Config, env extract.Env) (*extract.Source, error) {
	return open(cfg, env, rest.Tuning{})
}

func open(cfg *config.Config, env extract.Env, t rest.Tuning) (*extract.Source, error) {
	c, err := newClient(cfg, env, t)
	if err != nil {
		return nil, err
	}
	return &extract.Source{
		Name: "zoom",
		Tables: []extract.Table{
			extract.NewFollowing("meeting", []string{"course_id", "tool_id", "start_time_text", "meeting_id"}, lake.Raw("canvas", "tab"), c.meetings).Rests("timezone", "status"),
		},
		Resume: memo.Key(cfg.Canvas.URL, cfg.Canvas.ZoomURL, fmt.Sprint(cfg.Canvas.AccountID)),
		Check:  c.check,
		Close:  c.close,
	}, nil
}
