package nightly

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/standing"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// taken is a stage that an earlier run has finished, so that this one need not repeat it.
type taken struct {
	stage stage
	by    lake.Run
}

// report returns what the earlier run did to the tables.
func (t taken) report(e *run.Env) run.Report {
	var report run.Report
	for _, name := range tablesOf(e, t.stage) {
		line := run.Line{Stage: t.stage.name, Date: e.To, Table: name, NoRows: true, Note: "done at " + t.by.FinishedAt.UTC().Format("15:04:05") + " by an earlier run"}
		for _, done := range t.by.Tables {
			if done.Table == name {
				line.Rows, line.NoRows = done.Rows, false
			}
		}
		report.Lines = append(report.Lines, line)
	}
	return report
}

// jobPlan is what is left to do for a job.
type jobPlan struct {
	parent lake.RunID // of the execution that its stages are part of
	taken  []taken    // the first of its stages, or all
}

// earlier knows what executions of `run` for the same date have left. Which of them is the newest is not
// asked of a clock: the live snapshots name the runs that committed them.
type earlier struct {
	night *night
	lake  *standing.Lake
	runs  []lake.Run // of the date
}

// jobStanding is how a job stands after the execution that made its live snapshots.
type jobStanding struct {
	parent   lake.RunID // of that execution
	finished bool       // it went through all stages
	taken    []taken    // stages whose snapshots are live and made with the same settings
}

// plan finds out for each job where a run begins: after the stages that an execution finished that failed,
// was interrupted or was killed, or at the first stage. A job that such an execution did finish is
// not repeated beside the others. id is the new execution's.
func (n *night) plan(ctx context.Context, e *run.Env, l *lake.Lake, id lake.RunID) (map[string]jobPlan, error) {
	plans := map[string]jobPlan{}
	for _, j := range e.Jobs {
		plans[j.Name] = jobPlan{parent: id}
	}
	if n.restart {
		return plans, nil
	}
	runs, err := l.RunsSince(ctx, e.To.Time())
	if err != nil {
		return nil, err
	}
	x := earlier{night: n, lake: standing.New(l), runs: slices.DeleteFunc(runs, func(r lake.Run) bool { return r.Date != e.To || !r.From.IsZero() })}
	stands := map[string]jobStanding{}
	for _, j := range e.Jobs {
		if stands[j.Name], err = x.stand(ctx, e.ForJob(j), j.Name); err != nil {
			return nil, fmt.Errorf("job %s: %w", j.Name, err)
		}
	}
	for _, j := range e.Jobs {
		s, stages := stands[j.Name], n.stagesOf(e.ForJob(j))
		switch {
		case s.parent == "" || len(s.taken) == 0:
		case !s.finished:
			if x.wouldFailAgain(e.ForJob(j), j.Name, s, stages[len(s.taken)]) {
				e.Log.Info("the data did not pass last time: it is fetched again", "job", j.Name, "stage", stages[len(s.taken)].name)
				continue
			}
			plans[j.Name] = jobPlan{parent: s.parent, taken: s.taken}
		case len(s.taken) == len(stages) && x.failedBeside(e, s.parent, stands):
			plans[j.Name] = jobPlan{parent: s.parent, taken: s.taken}
		}
	}
	return plans, nil
}

// stand finds out how a job stands.
func (x *earlier) stand(ctx context.Context, e *run.Env, job string) (jobStanding, error) {
	var s jobStanding
	stages := x.night.stagesOf(e)
	var last lake.Run
	for i, stage := range stages {
		by, err := x.maker(ctx, e, stage)
		if err != nil {
			return s, err
		}
		if stage.place == nil && s.finished {
			by = x.succeeded(stage.name, job, s.parent)
		}
		switch {
		case by.ID == "":
			return s, nil
		case i == 0:
			if s.parent = by.Parent; s.parent == "" { // a stage alone, perhaps in place of one that failed
				s.parent = x.unfinishedBefore(job, stages, by.StartedAt)
			}
			if s.parent == "" {
				return s, nil
			}
			s.finished = x.finished(job, stages, s.parent)
		case by.Parent != "" && by.Parent != s.parent, by.Parent != last.Parent && by.StartedAt.Before(last.StartedAt):
			return s, nil // it belongs to other data
		}
		if stage.name == transformStage {
			if undone, err := x.lake.Undone(ctx, tablesOf(e, stage), e.To); err != nil || undone != "" {
				return s, passDamage(err)
			}
		}
		s.taken, last = append(s.taken, taken{stage, by}), by
	}
	return s, nil
}

// maker returns the succeeded run that committed the live snapshots of all tables of a stage, with the
// settings of today; none if there is no such run, or the stage commits nothing to the lake.
func (x *earlier) maker(ctx context.Context, e *run.Env, s stage) (lake.Run, error) {
	var by lake.Run
	if s.place == nil {
		return by, nil
	}
	for i, name := range tablesOf(e, s) {
		live, err := x.lake.Newest(ctx, s.place(name), e.To)
		if err != nil || live == nil {
			return lake.Run{}, passDamage(err)
		}
		if i == 0 {
			at := slices.IndexFunc(x.runs, func(r lake.Run) bool { return r.ID == live.Run })
			if at < 0 {
				return lake.Run{}, nil
			}
			by = x.runs[at]
		}
		if by.ID != live.Run || !slices.Contains(by.Manifests, live.Path) {
			return lake.Run{}, nil
		}
	}
	if by.Stage != s.name || by.Status != lake.Succeeded || by.Settings != s.settings(e) {
		return lake.Run{}, nil
	}
	return by, nil
}

// passDamage returns err unless it tells of a damaged manifest, which is as good as none: the stage makes another.
func passDamage(err error) error {
	if fault.ClassOf(err) == fault.Data {
		return nil
	}
	return err
}

// succeeded returns the run of a stage for a job that succeeded as part of an execution; none if there is none.
func (x *earlier) succeeded(stage, job string, parent lake.RunID) lake.Run {
	for _, r := range x.runs {
		if r.Parent == parent && r.Stage == stage && slices.Contains(r.Jobs, job) && r.Status == lake.Succeeded {
			return r
		}
	}
	return lake.Run{}
}

// finished reports whether an execution went through all stages of a job, or its last stage was run alone
// afterwards.
func (x *earlier) finished(job string, stages []stage, parent lake.RunID) bool {
	last := stages[len(stages)-1].name
	if x.succeeded(last, job, parent).ID != "" {
		return true
	}
	var latest time.Time
	for _, r := range x.runs {
		if r.Parent == parent && slices.Contains(r.Jobs, job) && r.StartedAt.After(latest) {
			latest = r.StartedAt
		}
	}
	alone := x.succeeded(last, job, "")
	return alone.ID != "" && alone.StartedAt.After(latest)
}

// unfinishedBefore returns the newest execution that began before then and did not finish the job.
func (x *earlier) unfinishedBefore(job string, stages []stage, then time.Time) lake.RunID {
	var newest lake.RunID
	for _, r := range x.runs {
		if r.Parent > newest && slices.Contains(r.Jobs, job) && r.StartedAt.Before(then) && !x.finished(job, stages, r.Parent) {
			newest = r.Parent
		}
	}
	return newest
}

// wouldFailAgain reports whether a stage that asks no source refused this data under the settings of today.
// It would do so for ever.
func (x *earlier) wouldFailAgain(e *run.Env, job string, s jobStanding, next stage) bool {
	return (next.name == transformStage || next.name == loadStage) && slices.ContainsFunc(x.runs, func(r lake.Run) bool {
		return r.Parent == s.parent && r.Stage == next.name && slices.Contains(r.Jobs, job) &&
			r.Status == lake.Failed && r.ExitCode == int(fault.Data) && r.Settings == next.settings(e)
	})
}

// failedBeside reports whether another of the jobs was begun by an execution, not finished by it, and not
// finished by a later one.
func (x *earlier) failedBeside(e *run.Env, parent lake.RunID, stands map[string]jobStanding) bool {
	for _, j := range e.Jobs {
		s, stages := stands[j.Name], x.night.stagesOf(e.ForJob(j))
		begun := slices.ContainsFunc(x.runs, func(r lake.Run) bool { return r.Parent == parent && slices.Contains(r.Jobs, j.Name) })
		if begun && !x.finished(j.Name, stages, parent) && (!s.finished || s.parent < parent) {
			return true
		}
	}
	return false
}
