package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// replayFile is a configuration that knows MySQL and the lake, but no source.
const replayFile = "replay.hjson"

// replay throws MySQL's database away and fills it again from the lake, while the university is stopped.
func (d *demo) replay(ctx context.Context, s *state, inventory database) error {
	d.say("\nOnce more from the lake alone: MySQL's database is dropped, the university stopped")
	if _, err := d.stopCampus(); err != nil {
		return err
	}
	began := time.Now()
	if err := d.refill(ctx, s, inventory); err != nil {
		return err
	}
	took := time.Since(began)
	verdicts, err := d.compare(ctx, *s, inventory)
	if err != nil {
		d.verdicts(verdicts)
		return err
	}
	d.say("  transform and load of %s  %4.1f s  %s again", span(*s), took.Seconds(), summary(verdicts))
	return nil
}

func span(s state) string {
	if s.Since.Equal(s.Done) {
		return s.Done.Format(time.DateOnly)
	}
	return s.Since.Format(time.DateOnly) + " to " + s.Done.Format(time.DateOnly)
}

// refill makes MySQL's database anew and transforms and loads all nights that are in the lake.
func (d *demo) refill(ctx context.Context, s *state, inventory database) error {
	s.Refilling = true // until it is done, what MySQL holds is not to be added to
	if err := d.save(*s); err != nil {
		return err
	}
	if err := anew(ctx, inventory); err != nil {
		return err
	}
	for _, program := range []string{"transform", "load"} {
		err := d.call(ctx, io.Discard, later(s.Done), program, "--config", d.path("secrets", replayFile),
			"--from", s.Since.Format(time.DateOnly), "--to", s.Done.Format(time.DateOnly))
		if err != nil {
			return err
		}
	}
	s.Refilling = false
	return d.save(*s)
}

// lost says whether MySQL lacks what earlier nights brought: a refill was cut short, or a container has gone.
func lost(ctx context.Context, s state, inventory database) (bool, error) {
	if s.Done.IsZero() || s.Refilling {
		return s.Refilling, nil
	}
	db, err := open(inventory)
	if err != nil {
		return false, err
	}
	defer db.Close()
	var runs int
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM job_run").Scan(&runs)
	if missing := new(mysql.MySQLError); errors.As(err, &missing) && missing.Number == 1146 {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("table job_run: %w", err)
	}
	return runs == 0, nil
}

// open returns MySQL's database; times come as text.
func open(inventory database) (*sql.DB, error) {
	connector, err := mysql.NewConnector(inventory.mysqlConfig())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// anew drops the database and creates it.
func anew(ctx context.Context, inventory database) error {
	db, err := open(inventory)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range []string{"DROP DATABASE ", "CREATE DATABASE "} {
		text := statement + inventory.Name
		if statement == "CREATE DATABASE " {
			text += " CHARACTER SET utf8mb4"
		}
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("make database %s anew: %w", inventory.Name, err)
		}
	}
	return nil
}

// stopCampus ends the university, and tells whether it ran.
func (d *demo) stopCampus() (bool, error) {
	p, err := child.Attach(d.path("campus"))
	if errors.Is(err, child.ErrNotRunning) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("find campus: %w", err)
	}
	if err := p.Stop(syscall.SIGTERM, 10*time.Second); err != nil {
		return true, fmt.Errorf("stop campus: %w", err)
	}
	return true, nil
}
