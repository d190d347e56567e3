package upkeep

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// atOnce bounds the requests under way.
const atOnce = 32

// each calls f with the index of every item, for some at once, and returns the first error.
func each[T any](ctx context.Context, items []T, f func(ctx context.Context, i int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range items {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return f(ctx, i)
		})
	}
	return g.Wait()
}

// counter returns a function that tells progress, which may be nil, of one more of total being done, one call at a time.
func counter(progress func(done, total int64), total int) func() {
	var mu sync.Mutex
	var done int64
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done, int64(total))
		}
	}
}

// Scope limits what is looked at. The zero Scope is everything.
type Scope struct {
	Tables   []string  // by their full names, or by the last parts of them; empty for all
	From, To lake.Date // both inclusive; zero for no limit
}

func (s Scope) everything() bool { return len(s.Tables) == 0 && s.From.IsZero() && s.To.IsZero() }

func (s Scope) hasDate(d lake.Date) bool {
	return (s.From.IsZero() || !d.Before(s.From)) && (s.To.IsZero() || !s.To.Before(d))
}

// choose returns the tables of the scope, or an error of class Usage if it names one that is not there.
func (s Scope) choose(all []lake.Table) ([]lake.Table, error) {
	if len(s.Tables) == 0 {
		return all, nil
	}
	chosen := map[lake.Table]bool{}
	for _, name := range s.Tables {
		known := false
		for _, t := range all {
			if name == string(t) || name == t.Name() {
				chosen[t], known = true, true
			}
		}
		if !known {
			return nil, fault.New(fault.Usage, "the tables are: "+join(all), fmt.Errorf("the lake has no table %q", name))
		}
	}
	return slices.Sorted(maps.Keys(chosen)), nil
}

// Resolve returns the table that a person means by a name: a full one, or the last part of one. That stands for the curated table if
// there is one, else for the only raw table of that name.
func Resolve(ctx context.Context, l *lake.Lake, name string) (lake.Table, error) {
	all, _, err := new(survey).top(ctx, l)
	if err != nil {
		return "", err
	}
	if t := lake.Curated(name); slices.Contains(all, t) {
		return t, nil
	}
	found, err := Scope{Tables: []string{name}}.choose(all)
	if err == nil && len(found) > 1 {
		err = fault.New(fault.Usage, "the tables of that name are: "+join(found), fmt.Errorf("%q names several tables", name))
	}
	if err != nil {
		return "", err
	}
	return found[0], nil
}

func join(tables []lake.Table) string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}
