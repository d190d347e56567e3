package run

import (
	"bytes"
	"log/slog"
	"testing"
)

func TestKeysOnce(t *testing.T) {
	var out bytes.Buffer
	drop := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	log := slog.New(once{Handler: slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: drop})})
	log.With("job", "A").With("job", "B", "stage", "load").Info("loaded", "job", "C", "rows", 2)
	log.Info("loaded", "job", "C")
	want := "level=INFO msg=loaded job=A stage=load rows=2\nlevel=INFO msg=loaded job=C\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
