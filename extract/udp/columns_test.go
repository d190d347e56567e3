package udp

import (
	"slices"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

func TestColumnsAreWatched(t *testing.T) {
	w := newWorld(t, nil, nil)
	l := extracttest.Lake(t)
	if _, err := w.run(t, l, nil); err != nil {
		t.Fatal(err)
	}
	m, err := l.Find(t.Context(), "raw/udp/event", lake.DateOf(now))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []lake.Field{{Name: "event_time", Types: []string{"TIMESTAMP"}}, {Name: "actor_id", Types: []string{"STRING"}}} {
		if !slices.ContainsFunc(m.SourceFields, func(f lake.Field) bool { return f.Name == want.Name && slices.Equal(f.Types, want.Types) }) {
			t.Errorf("no %v among %v", want, m.SourceFields)
		}
	}
}
