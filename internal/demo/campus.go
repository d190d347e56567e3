package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus"
	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/child"
)

// epoch is the university's first day: that of the term of the first night, also when later nights are
// in another term.
func epoch(s state) time.Time { return university.EpochOf(s.Since) }

const readyLimit = time.Minute

// startCampus starts the university on the night's date. One that still runs is replaced: it may be of an
// older build, and it is a pure function of its arguments, so nothing is lost.
func (d *demo) startCampus(ctx context.Context, s state, udw database) (campus.Info, error) {
	home, ready := d.path("campus"), d.path("secrets", "campus.json")
	if _, err := d.stopCampus(); err != nil {
		return campus.Info{}, err
	}
	if err := os.Remove(ready); err != nil && !errors.Is(err, os.ErrNotExist) {
		return campus.Info{}, err
	}
	program, err := d.program("campus")
	if err != nil {
		return campus.Info{}, err
	}
	if err := os.RemoveAll(d.path("campus", child.LogFile)); err != nil {
		return campus.Info{}, err
	}
	p, err := child.Start(ctx, child.Spec{
		Home: home, Path: program, Detach: true, Env: d.environment(),
		Args: []string{
			"serve", "--addr", "127.0.0.1:0", "--seed", strconv.FormatInt(s.Seed, 10), "--courses", strconv.Itoa(s.Courses),
			"--date", s.Date.Format(time.DateOnly), "--epoch", epoch(s).Format(time.DateOnly), "--udw-dsn", udw.postgresURL(), "--ready-file", ready,
		},
	})
	if err != nil {
		return campus.Info{}, err
	}
	var info campus.Info
	err = answers(ctx, readyLimit, func(context.Context) error {
		if !p.Alive() {
			return nil // found out below
		}
		text, err := os.ReadFile(ready)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &info)
	})
	if err == nil && info.URL == "" {
		err = fmt.Errorf("it ended at once; the end of its log:\n%s", child.Tail(home, 1500))
	}
	if err != nil {
		return campus.Info{}, fault.New(fault.Unavailable, "Its log is "+d.show("campus", child.LogFile)+".", fmt.Errorf("campus: %w", err))
	}
	return info, nil
}

// move takes a running university to another day.
func move(ctx context.Context, c campus.Info, day time.Time) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/_campus/day?date="+day.Format(time.DateOnly), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("move campus to %s: %w", day.Format(time.DateOnly), err)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("move campus to %s: %s", day.Format(time.DateOnly), answer.Status)
	}
	return nil
}
