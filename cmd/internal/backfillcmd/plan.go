package backfillcmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/nightly"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/standing"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/load"
)

// planner finds out what there is to do.
type planner struct {
	*backfill
	env    *run.Env
	lake   *standing.Lake
	stages []string
	held   []load.Holding
	runs   []lake.Run // newest first
}

func (p *planner) has(stage string) bool { return slices.Contains(p.stages, stage) }

// plan returns the steps of all jobs, each after those that it waits for.
func (p *planner) plan(ctx context.Context) ([]*step, error) {
	var err error
	if p.reprocess == reprocessNone {
		if p.runs, err = p.lake.Runs(ctx, 0); err != nil {
			return nil, err
		}
	}
	var all []*step
	for _, j := range p.env.Jobs {
		steps, err := p.planJob(ctx, j)
		if err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
		all = append(all, steps...)
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Unavailable, "choose dates that the lake holds (course-inventory lake ls), or add --stages extract,transform,load for the sources that can tell of past dates",
			fmt.Errorf("nothing can be made from %s to %s: %w", p.env.From, p.env.To, lake.ErrNotFound))
	}
	for _, s := range all {
		s.end = make(chan struct{})
	}
	return all, nil
}

func (p *planner) planJob(ctx context.Context, j job.Job) ([]*step, error) {
	tables, err := p.env.ForJob(j).Select(j.Tables)
	if err != nil {
		return nil, err
	}
	var extracts, transforms, loads []*step
	if p.has(extractStage) {
		for _, x := range nightly.Extracts() {
			steps, err := p.planExtract(ctx, j, x)
			if err != nil {
				return nil, err
			}
			extracts = append(extracts, steps...)
		}
	}
	if p.has(transformStage) && len(tables) > 0 {
		if transforms, err = p.planTransform(ctx, j, tables, extracts); err != nil {
			return nil, err
		}
	}
	if p.has(loadStage) && len(tables) > 0 {
		if loads, err = p.planLoad(ctx, j, tables, transforms); err != nil {
			return nil, err
		}
	}
	return slices.Concat(extracts, transforms, loads), nil
}

// dates are those of the range.
func (p *planner) dates() []lake.Date {
	var dates []lake.Date
	for d := p.env.From; !p.env.To.Before(d); d = d.AddDays(1) {
		dates = append(dates, d)
	}
	return dates
}

// planExtract plans the dates of a source that can tell of them. Each begins where the one before has ended.
func (p *planner) planExtract(ctx context.Context, j job.Job, x *extractcmd.Extract) ([]*step, error) {
	if !x.TellsPast() || !x.Serves([]job.Job{j}) {
		return nil, nil
	}
	var known []string
	for _, s := range j.Sources {
		if s.Name == x.Source {
			known = append(known, s.Tables...)
		}
	}
	names, err := p.env.ForJob(j).Select(known)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	var tables []lake.Table
	for _, name := range names {
		tables = append(tables, lake.Raw(x.Source, name))
	}
	var steps []*step
	for _, d := range p.dates() {
		s := &step{stage: "extract-" + x.Source, job: j.Name, date: d, work: x.Stage, state: planned, why: "missing"}
		lacking, err := p.lake.Lacking(ctx, tables, d)
		switch {
		case err != nil:
			return nil, err
		case p.reprocess == reprocessAll:
			s.why = "again"
		case len(lacking) == 0:
			s.state, s.why = there, ""
		}
		p.passFailed(s, nil)
		steps = chain(steps, s)
	}
	return steps, nil
}

// planTransform plans the dates whose raw tables are there or will be. Dates of snapshots are made in order, because each is
// compared with the one before, and remembers of it.
func (p *planner) planTransform(ctx context.Context, j job.Job, tables []string, extracts []*step) ([]*step, error) {
	inputs := standing.Inputs(tables)
	whole, _ := split(tables)
	var steps []*step
	for _, d := range p.dates() {
		s := &step{stage: transformStage, job: j.Name, date: d, work: p.transform.Run, state: planned}
		extracting := false
		for _, x := range extracts {
			if x.date == d {
				s.needs = append(s.needs, x)
				extracting = extracting || x.state == planned
			}
		}
		lacking, err := p.lake.Lacking(ctx, inputs, d)
		if err != nil {
			return nil, err
		}
		lacking = slices.DeleteFunc(lacking, func(t lake.Table) bool { return coming(s.needs, t) })
		if len(lacking) == len(inputs) {
			continue // the lake knows nothing of the date
		}
		undone, err := p.lake.Undone(ctx, tables, d)
		switch {
		case err != nil:
			return nil, err
		case len(lacking) > 0:
			s.state, s.why = passed, "the lake lacks "+list(lacking)
		case p.reprocess == reprocessAll:
			s.why = "again"
		case extracting:
			s.why = "to be extracted"
		case undone == "":
			s.state = there
		default:
			s.why = undone
		}
		if !extracting {
			if err := p.passFailedInputs(ctx, s, inputs); err != nil {
				return nil, err
			}
		}
		if len(whole) > 0 {
			steps = chain(steps, s)
		} else {
			steps = append(steps, s)
		}
	}
	return steps, nil
}

// coming tells whether a planned extract makes the table.
func coming(extracts []*step, t lake.Table) bool {
	return slices.ContainsFunc(extracts, func(x *step) bool {
		return x.state == planned && strings.HasPrefix(string(t), "raw/"+strings.TrimPrefix(x.stage, "extract-")+"/")
	})
}

func list(tables []lake.Table) string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}
