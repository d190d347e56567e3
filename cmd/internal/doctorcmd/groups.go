package doctorcmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/extract/udp"
	"github.com/tl-its-umich-edu/course-inventory/extract/udw"
	"github.com/tl-its-umich-edu/course-inventory/extract/zoom"
	"github.com/tl-its-umich-edu/course-inventory/internal/checkup"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// source is how to examine a source, and where it answers by HTTP.
type source struct {
	checkup func(context.Context, *config.Config, extract.Env) (checkup.Patient, error)
	bases   func(*config.Config) []base
}

// base is a URL of the configuration.
type base struct{ key, url string }

// sources returns how to examine each source. Of one that is not here only the check of its dry run is made.
func sources() map[string]source {
	none := func(*config.Config) []base { return nil }
	return map[string]source{
		"canvas": {canvas.Checkup, func(c *config.Config) []base {
			bases := []base{{"CANVAS.CANVAS_URL", c.Canvas.URL}}
			if c.Canvas.UsesGateway() {
				bases = append(bases, base{"CANVAS.API_BASE_URL", c.Canvas.APIBaseURL})
			}
			return bases
		}},
		"udw":     {udw.Checkup, none},
		"udp":     {udp.Checkup, none},
		"kaltura": {kaltura.Checkup, func(c *config.Config) []base { return []base{{"MIVIDEO.kaltura_url", c.MIVideo.KalturaURL}} }},
		"zoom":    {zoom.Checkup, func(c *config.Config) []base { return []base{{"CANVAS.ZOOM_URL", c.Canvas.ZoomURL}} }},
	}
}

// groups returns all that is to be examined, in the order of the output.
func groups(e *run.Env) []*group {
	all := []*group{
		{name: "configuration", admit: func(context.Context) (checkup.Patient, error) { return configuration(e), nil }},
		{name: "machine", admit: func(context.Context) (checkup.Patient, error) { return machine(), nil }},
		{name: "lake " + e.Config.Lake.URL, admit: func(ctx context.Context) (checkup.Patient, error) { return admitLake(ctx, e) }},
	}
	for _, x := range nightly.Extracts() {
		if x.Serves(e.Jobs) {
			all = append(all, &group{name: x.Source, admit: admitSource(e, x), tables: tablesOf(e, x.Source)})
		}
	}
	all = append(all, &group{name: "database", admit: func(context.Context) (checkup.Patient, error) {
		if err := e.Config.Require(config.PartInventoryDB); err != nil {
			return checkup.Patient{}, err
		}
		return load.Checkup(e.Config.InventoryDB)
	}})
	for _, g := range all {
		g.end = make(chan struct{})
	}
	return all
}

func tablesOf(e *run.Env, source string) []string {
	var tables []string
	for _, j := range e.Jobs {
		for _, s := range j.Sources {
			if s.Name == source {
				tables = append(tables, s.Tables...)
			}
		}
	}
	return tables
}

func admitSource(e *run.Env, x *extractcmd.Extract) func(context.Context) (checkup.Patient, error) {
	return func(ctx context.Context) (checkup.Patient, error) {
		if err := e.Config.Require(x.Parts()...); err != nil {
			return checkup.Patient{}, err
		}
		env := extract.Env{Log: e.Log, Now: e.Now, Compared: true, Simulated: e.Simulated, Version: e.Version}
		s, known := sources()[x.Source]
		if !known {
			return plain(ctx, e, x, env)
		}
		p, err := s.checkup(ctx, e.Config, env)
		if err != nil {
			return p, err
		}
		var reach []checkup.Question
		for _, b := range s.bases(e.Config) {
			reach = append(reach, checkup.Question{Name: b.key, Basic: true, Ask: func(ctx context.Context) (string, error) { return reachable(ctx, b, env.OwnClock()) }})
		}
		p.Questions = slices.Concat(reach, p.Questions)
		return p, nil
	}
}

// plain asks what the dry run of an extract asks.
func plain(ctx context.Context, e *run.Env, x *extractcmd.Extract, env extract.Env) (checkup.Patient, error) {
	s, err := x.Open(ctx, e.Config, env)
	if err != nil {
		return checkup.Patient{}, err
	}
	p := checkup.Patient{Close: func() error { return nil }}
	if s.Close != nil {
		p.Close = s.Close
	}
	if s.Check == nil {
		return p, fmt.Errorf("source %s cannot be checked", x.Source)
	}
	p.Questions = []checkup.Question{{Name: "answers", Ask: func(ctx context.Context) (string, error) { return "", s.Check(ctx) }}}
	return p, nil
}
