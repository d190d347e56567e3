package kaltura

import (
	"cmp"
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/internal/rest"
)

// Open returns Kaltura as a source. It asks nothing of the server yet.
func Open(_ context.Context, cfg *config.Config, env extract.Env) (*extract.Source, error) {
	return open(cfg, env, tuning{})
}

// tuning is what tests set to their own values. Zero values are the real ones.
type tuning struct {
	rest.Tuning
	pageSize int
}

func open(cfg *config.Config, env extract.Env, t tuning) (*extract.Source, error) {
	c, err := newClient(cfg, env, t)
	if err != nil {
		return nil, err
	}
	since := extract.Since{
		Start: cfg.MIVideo.DefaultLastTimestamp, StartKey: "MIVIDEO.default_last_timestamp",
		Overlap:  time.Duration(cfg.MIVideo.KalturaOverlapDays) * 24 * time.Hour,
		FullDays: cfg.MIVideo.KalturaFullDays,
		Estimate: c.estimate,
	}
	media := extract.NewIncremental("media", []string{"created_at", "id"}, since, func(m *Media) time.Time { return m.CreatedAt }, c.media)
	return &extract.Source{
		Name:    "kaltura",
		Tables:  []extract.Table{media.Again(cfg.MaxReqAttempts, cmp.Or(t.FirstWait, 5*time.Second))},
		AnyDate: true,
		Check:   c.check,
		Close:   c.close,
	}, nil
}
