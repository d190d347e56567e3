// Package standing tells how far the work on a job and date has come, by what lake and MySQL themselves say: manifests, records of
// runs and of loads. There is no other memory of it that could be wrong.
package standing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// Lake is a lake whose newest manifests are looked up once. It is safe for concurrent use.
type Lake struct {
	*lake.Lake
	mu    sync.Mutex
	found map[place]*lookup
}

type place struct {
	table lake.Table
	date  lake.Date
}

type lookup struct {
	once     sync.Once
	snapshot *lake.Snapshot // nil for none
	err      error
}

// New returns the view of l.
func New(l *lake.Lake) *Lake { return &Lake{Lake: l, found: map[place]*lookup{}} }

// Newest returns the live snapshot of a table and date, nil if there is none.
func (l *Lake) Newest(ctx context.Context, t lake.Table, d lake.Date) (*lake.Snapshot, error) {
	l.mu.Lock()
	at := l.found[place{t, d}]
	if at == nil {
		at = new(lookup)
		l.found[place{t, d}] = at
	}
	l.mu.Unlock()
	at.once.Do(func() {
		s, err := l.Find(ctx, t, d)
		switch {
		case err == nil:
			at.snapshot = &s
		case !errors.Is(err, lake.ErrNotFound):
			at.err = err
		}
	})
	return at.snapshot, at.err
}

// Lacking returns which of the tables have no snapshot of the date.
func (l *Lake) Lacking(ctx context.Context, tables []lake.Table, d lake.Date) ([]lake.Table, error) {
	var lacking []lake.Table
	for _, t := range tables {
		s, err := l.Newest(ctx, t, d)
		if err != nil {
			return nil, err
		}
		if s == nil {
			lacking = append(lacking, t)
		}
	}
	return lacking, nil
}

// Undone says what a date of curated tables lacks: a table, or a snapshot made from what is live. It returns "" for a date that is
// made. What a table remembers of an earlier date may have been made anew since then.
func (l *Lake) Undone(ctx context.Context, tables []string, d lake.Date) (string, error) {
	var lacking []string
	var stale string
	for _, name := range tables {
		s, err := l.Newest(ctx, lake.Curated(name), d)
		if err != nil {
			return "", err
		}
		if s == nil {
			lacking = append(lacking, name)
			continue
		}
		for _, in := range s.Inputs {
			p := lake.PlaceOf(in.Path)
			if p.Date != d || stale != "" {
				continue
			}
			live, err := l.Newest(ctx, p.Table, p.Date)
			if err != nil {
				return "", err
			}
			if live != nil && live.Input() != in {
				stale = fmt.Sprintf("%s was committed again", p.Table)
			}
		}
	}
	switch {
	case len(lacking) == len(tables):
		return "missing", nil
	case len(lacking) > 0:
		return "without " + strings.Join(lacking, ", "), nil
	default:
		return stale, nil
	}
}

// Inputs returns what a transform of the curated tables reads of their date, apart from what it makes itself.
func Inputs(tables []string) []lake.Table {
	var inputs []lake.Table
	for _, set := range transform.Sets() {
		if !slices.Contains(tables, set.Name) {
			continue
		}
		for _, in := range set.Inputs {
			schema, name, _ := strings.Cut(in.Name, ".")
			source, raw := strings.CutPrefix(schema, "raw_")
			switch {
			case raw:
				inputs = append(inputs, lake.Raw(source, name))
			case schema == "curated" && !slices.Contains(tables, name):
				inputs = append(inputs, lake.Curated(name))
			}
		}
	}
	slices.Sort(inputs)
	return slices.Compact(inputs)
}
