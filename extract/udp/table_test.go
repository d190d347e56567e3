package udp

import (
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract"
	campus "github.com/tl-its-umich-edu/course-inventory/internal/campus/bigquery"
)

// TestProjectFilledIn reads and checks a table without a project as that of the project which runs the queries, also one whose
// columns have to be asked for.
func TestProjectFilledIn(t *testing.T) {
	w := newWorld(t, oddities(), func(o *campus.Options) { o.Pending = 1 })
	w.cfg.MIVideo.UDPTable, w.cfg.MIVideo.UDPProject = "event_store.events", "udp-umich-prod"
	p, err := Checkup(t.Context(), w.cfg, extract.Env{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	for _, q := range p.Questions {
		if text, err := q.Ask(t.Context()); err != nil {
			t.Errorf("%s: %s, %v", q.Name, text, err)
		}
	}
	s, err := w.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]table{
		"a-b.c.d": {"a-b", "c", "d"}, "c.d-e": {"own", "c", "d-e"}, "example.com:store.c.d": {"example.com:store", "c", "d"},
	} {
		if got, err := parseTable(name, "own"); err != nil || got != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
