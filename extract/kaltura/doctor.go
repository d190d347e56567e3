package kaltura

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
)

// Checkup returns the questions that tell whether Kaltura opens a session and lists media.
func Checkup(_ context.Context, cfg *config.Config, env extract.Env) (checkup.Patient, error) {
	c, err := newClient(cfg, env, tuning{})
	if err != nil {
		return checkup.Patient{}, err
	}
	return checkup.Patient{Close: c.close, Questions: []checkup.Question{
		{Name: "session", Basic: true, Ask: func(ctx context.Context) (string, error) {
			_, err := c.session(ctx)
			return fmt.Sprintf("of an administrator of partner %d", c.partner), err
		}},
		{Name: "media below " + c.categories, Ask: c.examine},
	}}, nil
}

// examine counts the media below the configured categories.
func (c *client) examine(ctx context.Context) (string, error) {
	p, err := c.list(ctx, filter{Type: filterType, Categories: c.categories, OrderBy: oldestFirst}, 1)
	if err != nil {
		return "", err
	}
	if p.total == 0 {
		return "", checkup.Doubt("check MIVIDEO.kaltura_categories_full_name_in: a full name is that of a root category, or of several with > between them",
			"there is no media below %s", c.categories)
	}
	return fmt.Sprintf("%d entries", p.total), nil
}
