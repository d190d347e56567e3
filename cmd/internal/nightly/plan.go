package nightly

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// plan is what a run would do, found out without doing it.
type plan struct {
	lake  *lake.Lake
	held  []load.Holding
	blind bool // MySQL could not be asked
	rows  [][]string
}

// rehearse prints the plan of all jobs: for each table what is there now, and what would take its place.
func (n *night) rehearse(ctx context.Context, e *run.Env, l *lake.Lake, plans map[string]jobPlan) error {
	p := &plan{lake: l, rows: [][]string{{"stage", "date", "table", "now", "then"}}}
	held, err := load.Held(ctx, e.Config.InventoryDB)
	p.held, p.blind = held, err != nil
	var failures []error
	for _, j := range e.Jobs {
		if err := n.rehearseJob(ctx, e.ForJob(j), p, plans[j.Name].taken); err != nil {
			failures = append(failures, fault.Of("job "+j.Name, err))
		}
	}
	run.PrintTable(e.Out, p.rows)
	return errors.Join(failures...)
}

// rehearseJob goes on after a failure: each stage shows what would hinder it.
func (n *night) rehearseJob(ctx context.Context, e *run.Env, p *plan, done []taken) error {
	var failures []error
	for _, t := range done {
		for _, line := range t.report(e).Lines {
			if err := p.add(ctx, t.stage, line.Date, line.Table, line.Note); err != nil {
				return err
			}
		}
	}
	for _, s := range n.stagesOf(e)[len(done):] {
		report, err := s.run(ctx, e, p.lake)
		for _, line := range report.Lines {
			if err := p.add(ctx, s, line.Date, line.Table, line.Note); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, lake.ErrNotFound): // what it reads is to be made first
			err = p.later(ctx, e, s)
		case err != nil:
			e.Log.Error("the stage would fail", "stage", s.name, "error", err, "remedy", fault.HintOf(err))
		}
		if err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

// later plans the tables of a stage whose inputs an earlier stage of the same run makes.
func (p *plan) later(ctx context.Context, e *run.Env, s stage) error {
	tables, err := e.Select(s.tables(e.Jobs))
	for _, name := range tables {
		if err == nil {
			err = p.add(ctx, s, e.To, name, s.later)
		}
	}
	return err
}

func (p *plan) add(ctx context.Context, s stage, d lake.Date, table, then string) error {
	now := p.loaded(table)
	if s.place != nil {
		var err error
		if now, err = p.stored(ctx, s.place(table), d); err != nil {
			return err
		}
	}
	p.rows = append(p.rows, []string{s.name, d.String(), table, now, then})
	return nil
}

// stored tells what the lake has of a table on a date or before.
func (p *plan) stored(ctx context.Context, t lake.Table, d lake.Date) (string, error) {
	s, err := p.lake.Before(ctx, t, d.AddDays(1))
	switch {
	case errors.Is(err, lake.ErrNotFound):
		return "nothing", nil
	case err != nil:
		return "", err
	case s.Date == d:
		return fmt.Sprintf("%s of this date, number %d", quantity.Of(s.Rows(), "row"), s.Number), nil
	default:
		return fmt.Sprintf("%s of %s", quantity.Of(s.Rows(), "row"), s.Date), nil
	}
}

// loaded tells what MySQL holds of a table.
func (p *plan) loaded(table string) string {
	text := "nothing"
	if p.blind {
		text = "not known"
	}
	for _, h := range p.held { // the newest comes last
		if h.Table == table {
			text = fmt.Sprintf("%s of %s", quantity.Of(h.Rows, "row"), h.Date)
		}
	}
	return strings.TrimSpace(text)
}
