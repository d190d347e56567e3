package upkeep

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Cleaning is what a clean-up did.
type Cleaning struct {
	Removals  []string   // manifests that it committed: dates that the retention does not keep
	Deletions []Deletion // what is gone
	Spared    []string   // objects and dates of the plan that stay, because another run committed meanwhile
}

// Bytes returns the size of what is gone.
func (c Cleaning) Bytes() int64 { return bytesOf(c.Deletions) }

func bytesOf(all []Deletion) int64 {
	var n int64
	for _, d := range all {
		n += d.Bytes
	}
	return n
}

// sweep is what goes of a date.
type sweep struct {
	date      *dateHistory
	manifests []Deletion // lowest number first
	parts     []Deletion
}

func (s *sweep) deletions() []Deletion {
	return append(s.manifests[:len(s.manifests):len(s.manifests)], s.parts...)
}

// Clean does what a plan says. Removals of dates are committed in the name of r; deleted is called for everything that is gone, and may be nil.
// Clean may be killed at any point, and run beside others and beside runs of stages:
// a date's manifests go before its parts, lowest number first, so that no older snapshot ever comes to the front; and before a
// part goes the date is looked at again, so that no snapshot loses a file that was committed, or brought back, meanwhile.
func (p *Plan) Clean(ctx context.Context, l *lake.Lake, r lake.Removal, deleted func(Deletion)) (Cleaning, error) {
	c := &cleaner{lake: l, removal: r, deleted: deleted}
	err := each(ctx, p.sweeps, func(ctx context.Context, i int) error { return c.sweep(ctx, p.sweeps[i]) })
	if err == nil {
		err = each(ctx, p.others, func(ctx context.Context, i int) error { return c.delete(ctx, p.others[i]) })
	}
	return c.done, err
}

// cleaner is a clean-up under way.
type cleaner struct {
	lake    *lake.Lake
	removal lake.Removal
	deleted func(Deletion)
	mu      sync.Mutex
	done    Cleaning
}

func (c *cleaner) delete(ctx context.Context, d Deletion) error {
	if err := c.lake.Delete(ctx, d.Object); err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done.Deletions = append(c.done.Deletions, d)
	if c.deleted != nil {
		c.deleted(d)
	}
	return nil
}

func (c *cleaner) spare(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done.Spared = append(c.done.Spared, what)
}

func (c *cleaner) sweep(ctx context.Context, s *sweep) error {
	if s.date.expires {
		err := c.expire(ctx, s.date)
		if errors.Is(err, lake.ErrChanged) || errors.Is(err, lake.ErrNotFound) {
			c.spare(fmt.Sprintf("%s for %s", s.date.table, s.date.date))
			return nil
		}
		if err != nil {
			return err
		}
	}
	there, err := c.manifests(ctx, s)
	if err != nil {
		return err
	}
	for _, m := range s.manifests {
		switch is, ok := there[m.Object]; {
		case !ok: // another clean-up was here
		case !s.date.planned(is):
			c.spare(m.Object)
		default:
			if err := c.delete(ctx, m); err != nil {
				return err
			}
		}
	}
	if len(s.parts) == 0 {
		return nil
	}
	needed, clear, err := c.neededNow(ctx, s)
	if err != nil {
		return err
	}
	for _, p := range s.parts {
		if !clear || needed[p.Object] {
			c.spare(p.Object)
			continue
		}
		if err := c.delete(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// planned reports whether a manifest is the one that the plan was made with, and not one that took its number after the date was cleaned up.
func (d *dateHistory) planned(o lake.Object) bool {
	for _, c := range d.commits {
		if c.Key == o.Key {
			return c.Bytes == o.Bytes && c.Modified.Equal(o.Modified)
		}
	}
	return false
}

// manifests returns a date's manifests as they are now, by their keys.
func (c *cleaner) manifests(ctx context.Context, s *sweep) (map[string]lake.Object, error) {
	there := map[string]lake.Object{}
	_, err := c.lake.List(ctx, fmt.Sprintf("%s/dt=%s/", s.date.table, s.date.date), func(o lake.Object) {
		if lake.PlaceOf(o.Key).Kind == lake.ManifestObject {
			there[o.Key] = o
		}
	})
	return there, err
}

// expire removes a date, unless another run committed since it was planned.
func (c *cleaner) expire(ctx context.Context, d *dateHistory) error {
	planned := d.commits[len(d.commits)-2] // before the removal to come
	s, err := c.lake.Find(ctx, d.table, d.date)
	if err != nil {
		return err
	}
	if s.Path != planned.Key {
		return lake.ErrChanged
	}
	removed, err := c.lake.Remove(ctx, s, c.removal)
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.done.Removals = append(c.done.Removals, removed.Path)
	}
	return err
}

// neededNow returns the files that the manifests of a date name which are there now, and whether all of them could be understood.
func (c *cleaner) neededNow(ctx context.Context, s *sweep) (needed map[string]bool, clear bool, err error) {
	there, err := c.manifests(ctx, s)
	if err != nil {
		return nil, false, err
	}
	needed = map[string]bool{}
	for path := range there {
		m, err := c.lake.Manifest(ctx, path)
		switch {
		case store.Missing(err):
			continue // another clean-up took it since
		case fault.ClassOf(err) == fault.Data:
			return nil, false, nil
		case err != nil:
			return nil, false, err
		}
		for _, f := range m.Files {
			needed[f.Path] = true
		}
	}
	return needed, true, nil
}
