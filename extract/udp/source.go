package udp

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
)

// Open returns the event store as a source. It reads the service account's key and asks nothing of the servers yet.
func Open(ctx context.Context, cfg *config.Config, env extract.Env) (*extract.Source, error) {
	return open(ctx, cfg, env, tuning{})
}

// tuning is what tests set to their own values. Zero values are the real ones.
type tuning struct {
	transport  http.RoundTripper
	firstWait  time.Duration
	maxWait    time.Duration
	deadline   time.Duration
	patience   time.Duration
	queryLimit time.Duration
	standstill time.Duration
	pageRows   int
}

func open(ctx context.Context, cfg *config.Config, env extract.Env, t tuning) (*extract.Source, error) {
	c, err := newClient(ctx, cfg, env, t)
	if err != nil {
		return nil, err
	}
	since := extract.Since{
		Start: cfg.MIVideo.DefaultLastTimestamp, StartKey: "MIVIDEO.default_last_timestamp",
		Overlap:  time.Duration(cfg.MIVideo.UDPLateDays) * 24 * time.Hour,
		Estimate: c.estimate,
	}
	event := extract.NewIncremental("event", []string{"event_time", "event_id"}, since, func(e *Event) time.Time { return e.EventTime }, c.events)
	return &extract.Source{
		Name:    "udp",
		Tables:  []extract.Table{event.Again(cfg.MaxReqAttempts, cmp.Or(t.firstWait, 5*time.Second))},
		AnyDate: true,
		Check:   c.check,
		Close:   c.close,
	}, nil
}
