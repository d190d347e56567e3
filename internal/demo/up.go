package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
)

// up starts what is missing, runs the nights, fills MySQL once more from the lake alone, and shows the result.
func (d *demo) up(ctx context.Context, c choice) error {
	s, err := d.load(c)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.path("secrets"), 0o700); err != nil {
		return fmt.Errorf("make the demo's directory: %w", err)
	}
	inventory, err := d.inventory(ctx)
	if err != nil {
		return err
	}
	d.say("MySQL       %s", inventory.About)
	warehouse, err := d.warehouse(ctx)
	if err != nil {
		return err
	}
	d.say("Warehouse   %s", warehouse.About)
	uni, err := d.startCampus(ctx, s, warehouse)
	if err != nil {
		return err
	}
	d.say("University  %d courses of seed %d, simulated at %s", s.Courses, s.Seed, uni.URL)
	d.say("Jobs        %s", strings.Join(s.Jobs, ", "))
	if err := d.configure(s, uni, inventory, warehouse); err != nil {
		return err
	}
	if lost, err := lost(ctx, s, inventory); err != nil {
		return err
	} else if lost {
		d.say("\nMySQL lacks what earlier nights brought: it is filled from the lake first")
		if err := d.refill(ctx, &s, inventory); err != nil {
			return err
		}
	}

	days := c.days
	switch {
	case days == 0 && s.Done.IsZero():
		days = 3
	case days == 0:
		days = 1
	}
	if err := d.nights(ctx, &s, days, uni, inventory); err != nil {
		return err
	}
	if err := d.replay(ctx, &s, inventory); err != nil {
		return err
	}
	if uni, err = d.startCampus(ctx, s, warehouse); err != nil {
		return err
	}
	if err := d.configure(s, uni, inventory, warehouse); err != nil {
		return err
	}
	if err := d.ask(ctx, s, inventory); err != nil {
		return err
	}
	d.further(s, inventory)
	return nil
}

// nights runs the jobs night after night, and compares after each. The last night is shown in full.
func (d *demo) nights(ctx context.Context, s *state, days int, uni campus.Info, inventory database) error {
	if days > 1 {
		d.say("\nEvery night: course-inventory run, then MySQL against the university's own truth")
	}
	for n := range days {
		if n > 0 {
			s.Date = s.Date.AddDate(0, 0, 1)
			if err := d.save(*s); err != nil {
				return err
			}
			if err := move(ctx, uni, s.Date); err != nil {
				return err
			}
		}
		last := n == days-1
		var report bytes.Buffer
		out := d.out
		if last {
			d.say("\nThe night of %s: course-inventory run", s.Date.Format(time.DateOnly))
		} else {
			out = &report
		}
		began := time.Now()
		if err := d.call(ctx, out, night(s.Date), "course-inventory", "run", "--date", s.Date.Format(time.DateOnly)); err != nil {
			_, _ = report.WriteTo(d.out) // what was done before it failed
			return err
		}
		took := time.Since(began)
		if last {
			d.say("\nMySQL against the university's own truth")
		}
		verdicts, err := d.compare(ctx, *s, inventory)
		switch {
		case last || err != nil:
			d.verdicts(verdicts)
		default:
			d.say("  %s  %4.1f s  %s", s.Date.Format(time.DateOnly), took.Seconds(), summary(verdicts))
		}
		if err != nil {
			return err
		}
		s.Done = s.Date
		if err := d.save(*s); err != nil {
			return err
		}
	}
	return nil
}
