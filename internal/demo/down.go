package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// down stops what up started and removes the demo's directory.
func (d *demo) down(ctx context.Context) error {
	if _, err := os.Stat(d.stateFile()); errors.Is(err, os.ErrNotExist) {
		d.say("There is no demo in %s.", d.shown)
		return nil
	}
	return d.alone(ctx, func() error {
		if ran, err := d.stopCampus(); err != nil {
			return err
		} else if ran {
			d.say("stopped  campus")
		}
		if err := stop(ctx, d, d.path("mysql"), "MySQL", localdb.AttachMySQL); err != nil {
			return err
		}
		if err := stop(ctx, d, d.path("postgres"), "PostgreSQL", localdb.AttachPostgres); err != nil {
			return err
		}
		removed, err := d.removeContainers(ctx)
		for _, name := range removed {
			d.say("removed  %s", name)
		}
		if err != nil {
			return err
		}
		return d.clear()
	})
}

// stop ends one server and removes its directory.
func stop[S interface{ Stop() error }](ctx context.Context, d *demo, dir, name string, attach func(context.Context, string) (S, error)) error {
	s, err := attach(ctx, dir)
	switch {
	case err == nil:
		if err := s.Stop(); err != nil {
			return fmt.Errorf("stop %s: %w", name, err)
		}
		d.say("stopped  %s", name)
	case !errors.Is(err, child.ErrNotRunning) && !errors.Is(err, localdb.ErrNotInstalled):
		return err
	}
	if err := localdb.Remove(ctx, dir); err != nil {
		return fault.New(fault.Unavailable, "Something still uses it.", fmt.Errorf("%s: %w", name, err))
	}
	return nil
}

// clear removes the directory's content, the state last, so that a removal cut short can be repeated.
func (d *demo) clear() error {
	entries, err := os.ReadDir(d.home)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if path := filepath.Join(d.home, e.Name()); path != d.stateFile() {
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("remove the demo's files: %w", err)
			}
		}
	}
	if err := os.RemoveAll(d.home); err != nil {
		return fmt.Errorf("remove the demo's directory: %w", err)
	}
	d.say("removed  %s", d.shown)
	return nil
}
