// Package nightly runs all stages of the configured jobs in order.
package nightly

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/database"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/extractcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/loadcmd"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/transformcmd"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract/canvas"
	"github.com/tl-its-umich-edu/course-inventory/extract/kaltura"
	"github.com/tl-its-umich-edu/course-inventory/extract/udp"
	"github.com/tl-its-umich-edu/course-inventory/extract/udw"
	"github.com/tl-its-umich-edu/course-inventory/extract/zoom"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

// extracts returns all sources, each after the ones whose tables it reads.
func extracts() []*extractcmd.Extract {
	return []*extractcmd.Extract{
		extractcmd.New("canvas", canvas.Open),
		extractcmd.New("udw", udw.Open),
		extractcmd.New("udp", udp.Open),
		extractcmd.New("kaltura", kaltura.Open),
		extractcmd.New("zoom", zoom.Open),
	}
}

// Program returns the program `course-inventory run`.
func Program() run.Program {
	n := night{load: loadcmd.Stage{MadeFrom: transform.MadeFrom}}
	return run.Program{
		Name: "course-inventory run",
		Purpose: "run extracts, transforms and loads the configured jobs, one after the other. A job ends at its first stage that fails; the others still run.\n" +
			"After a run of the same date that failed or was stopped, it goes on at the stages that are left. After one that succeeded, it fetches everything again.",
		Examples: []string{"course-inventory run", "course-inventory run --restart", "course-inventory run --jobs COURSE_INVENTORY --log-format json", "course-inventory run --dry-run"},
		Commits:  true,
		Needs:    Parts,
		Flags: func(fs *flag.FlagSet) {
			n.transform.Flags(fs)
			n.load.Flags(fs)
			fs.BoolVar(&n.restart, "restart", false, "begin again, also after a run that failed")
		},
		Run:      n.run,
		AskMySQL: database.ForReport,
	}
}

type night struct {
	transform transformcmd.Stage
	load      loadcmd.Stage
	restart   bool // fetch everything, whatever an earlier run has left
}

// run runs one job after the other. A job that fails does not keep the others from being loaded, but the
// whole run then ends with its error.
func (n *night) run(ctx context.Context, e *run.Env) error {
	if err := CheckTables(e); err != nil {
		return err
	}
	if err := checkDate(e); err != nil {
		return err
	}
	return e.WithLake(ctx, func(l *lake.Lake) error {
		plans, err := n.plan(ctx, e, l, lake.NewRunID(e.Now()))
		if err != nil {
			return err
		}
		if e.DryRun {
			return n.rehearse(ctx, e, l, plans)
		}
		var whole run.Report
		defer func() { whole.Print(e.Out) }()
		var failures []error
		for _, j := range e.Jobs {
			report, err := n.runJob(ctx, e.ForJob(j), l, plans[j.Name])
			whole.Add(report)
			if err != nil {
				failures = append(failures, fault.Of("job "+j.Name, err))
				e.Log.Error("the job failed", "job", j.Name, "error", err, "remedy", fault.HintOf(err))
			}
			if ctx.Err() != nil {
				break
			}
		}
		return errors.Join(failures...)
	})
}

// checkDate returns an error of class Usage if a source of the jobs cannot tell of the date, before any of them has committed. It
// reads --tables as the stages do.
func checkDate(e *run.Env) error {
	if e.To == e.Today {
		return nil
	}
	var able, unable, sources []string
	for _, j := range e.Jobs {
		known := len(unable)
		for _, x := range extracts() {
			tables, err := e.ForJob(j).Select(x.Tables([]job.Job{j}))
			if err != nil {
				return err
			}
			if x.TellsPast() || len(tables) == 0 {
				continue
			}
			if !slices.Contains(sources, x.Source) {
				sources = append(sources, x.Source)
			}
			if !slices.Contains(unable, j.Name) {
				unable = append(unable, j.Name)
			}
		}
		if len(unable) == known {
			able = append(able, j.Name)
		}
	}
	if len(unable) == 0 {
		return nil
	}
	remedy := fmt.Sprintf("leave --date out, or make the date from what the lake holds of it: course-inventory backfill --from %s --to %s --jobs %s", e.To, e.To, strings.Join(unable, ","))
	if len(able) > 0 {
		remedy += fmt.Sprintf("; the sources of the others can tell of it: course-inventory run --date %s --jobs %s", e.To, strings.Join(able, ","))
	}
	return fault.New(fault.Usage, remedy, fmt.Errorf("%s only tell their state of today, %s, which must not be stored as that of %s: nothing was run",
		strings.Join(sources, ", "), e.Today, e.To))
}

// runJob runs a job's stages in order, up to the first that fails, without those that are taken over.
func (n *night) runJob(ctx context.Context, e *run.Env, l *lake.Lake, p jobPlan) (run.Report, error) {
	var whole run.Report
	e.Parent, e.Restart = p.parent, n.restart
	for _, t := range p.taken {
		e.Log.Info("going on with what an earlier run has done; --restart begins again", "dt", e.To.String(), "stage", t.stage.name, "run_id", string(t.by.ID), "done", t.by.FinishedAt.UTC().Format(time.RFC3339))
		whole.Add(t.report(e))
	}
	for _, s := range n.stagesOf(e)[len(p.taken):] {
		report, err := s.run(ctx, e, l)
		whole.Add(report)
		if err != nil {
			if len(p.taken) > 0 && fault.ClassOf(err) == fault.Data {
				err = fault.New(fault.Data, fault.HintOf(err)+"; or fetch the data again: course-inventory run --restart", err)
			}
			return whole, err
		}
	}
	return whole, nil
}

// stage is one stage of a run.
type stage struct {
	name   string
	run    run.Stage
	tables func([]job.Job) []string      // of the jobs
	place  func(table string) lake.Table // in the lake; nil for MySQL
	later  string                        // what it would do once the stages before it have run

	settings func(*run.Env) string // digest of what its result depends on besides its inputs
}

func (n *night) stages() []stage {
	var stages []stage
	for _, x := range extracts() {
		stages = append(stages, stage{
			"extract-" + x.Source, x.Stage, x.Tables, func(table string) lake.Table { return lake.Raw(x.Source, table) },
			"would be read and committed", x.Settings,
		})
	}
	return append(stages,
		stage{transformStage, n.transform.Run, job.Tables, lake.Curated, "would be derived from what the extracts commit", n.transform.Settings},
		stage{loadStage, n.load.Run, job.Tables, nil, "would be loaded from what the transform commits", n.load.Settings})
}

// The stages that ask no source.
const (
	transformStage = "transform"
	loadStage      = "load"
)

// stagesOf returns the stages that have something to do for the jobs of e.
func (n *night) stagesOf(e *run.Env) []stage {
	return slices.DeleteFunc(n.stages(), func(s stage) bool { return len(tablesOf(e, s)) == 0 })
}

// tablesOf returns the tables of a stage that e selects.
func tablesOf(e *run.Env, s stage) []string {
	tables, err := e.Select(s.tables(e.Jobs))
	if err != nil {
		return nil // of an Env for one job, which passes over names that it does not know, there is no error
	}
	return tables
}

// Parts returns what the jobs need of the configuration, from their extracts to their load.
func Parts(jobs []job.Job) []string {
	parts := []string{config.PartInventoryDB}
	for _, x := range extracts() {
		if x.Serves(jobs) {
			parts = append(parts, x.Parts()...)
		}
	}
	return parts
}

// Extracts returns all sources, each after the ones whose tables it reads.
func Extracts() []*extractcmd.Extract { return extracts() }

// CheckTables returns an error if --tables names one that no stage of the jobs knows: each stage passes over the tables of the others.
func CheckTables(e *run.Env) error {
	_, err := e.Select(job.AllTables(e.Jobs))
	return err
}
