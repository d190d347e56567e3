package run

import (
	"context"
	"log/slog"
	"maps"
)

// once is a handler that writes each key once: what a logger has of its own, its records do not repeat. A stage that is told its job
// and a package that names it in every line thus fit together.
type once struct {
	slog.Handler
	known map[string]bool
}

func (h once) WithAttrs(attrs []slog.Attr) slog.Handler {
	known := maps.Clone(h.known)
	if known == nil {
		known = map[string]bool{}
	}
	var fresh []slog.Attr
	for _, a := range attrs {
		if !known[a.Key] {
			known[a.Key] = true
			fresh = append(fresh, a)
		}
	}
	return once{h.Handler.WithAttrs(fresh), known}
}

func (h once) WithGroup(name string) slog.Handler { return once{h.Handler.WithGroup(name), nil} }

func (h once) Handle(ctx context.Context, r slog.Record) error {
	repeats := false
	r.Attrs(func(a slog.Attr) bool {
		repeats = h.known[a.Key]
		return !repeats
	})
	if !repeats {
		return h.Handler.Handle(ctx, r)
	}
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if !h.known[a.Key] {
			clean.AddAttrs(a)
		}
		return true
	})
	return h.Handler.Handle(ctx, clean)
}
