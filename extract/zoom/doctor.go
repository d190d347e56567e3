package zoom

import (
	"context"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
)

// Checkup returns the one question that can be asked without launching Zoom from a course.
func Checkup(_ context.Context, cfg *config.Config, env extract.Env) (checkup.Patient, error) {
	c, err := newClient(cfg, env, rest.Tuning{})
	if err != nil {
		return checkup.Patient{}, err
	}
	return checkup.Patient{Close: c.close, Questions: []checkup.Question{
		{Name: "account, for launches", Ask: func(ctx context.Context) (string, error) { return "", c.check(ctx) }},
	}}, nil
}
