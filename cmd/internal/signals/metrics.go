package signals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"

	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// prefix begins the names of all figures.
const prefix = "course_inventory_"

// measure gives the figures of a run to Prometheus, a group for each job that the stage worked for.
//
// What a run that failed cannot tell is left as the last successful one told it.
func (w *Watch) measure(ctx context.Context, run lake.Run) {
	to := w.config.Metrics
	if to.TextfileDir == "" && to.Pushgateway == "" {
		return
	}
	for _, name := range run.Jobs {
		tables, err := w.tables(ctx, run, name)
		if err != nil {
			w.warn("metrics", err, "")
			continue
		}
		if to.TextfileDir != "" {
			all := figures(prometheus.Labels{"stage": run.Stage, "job_name": name}, run, tables)
			if err := writeTextfile(to.TextfileDir, fmt.Sprintf("%s%s_%s.prom", prefix, run.Stage, name), all); err != nil {
				w.warn("metrics", err, "check that METRICS.textfile_dir exists and that this user may write there")
			}
		}
		if to.Pushgateway != "" && !w.teller.gaveUp("metrics") {
			ctx, cancel := context.WithTimeoutCause(ctx, patience, errSilent)
			// Add, not Push: it leaves the figures that this run does not tell.
			err := push.New(to.Pushgateway, "course-inventory").Client(client).Grouping("stage", run.Stage).Grouping("job_name", name).
				Gatherer(figures(nil, run, tables)).AddContext(ctx)
			if err != nil {
				err = withoutURL(ctx, err)
				w.teller.giveUp("metrics", err)
				w.warn("metrics", err, "check METRICS.pushgateway and the server behind it")
			}
			cancel()
		}
	}
}

// figures returns what there is to tell of a run.
func figures(labels prometheus.Labels, run lake.Run, tables []table) prometheus.Gatherer {
	registry := prometheus.NewRegistry()
	g := gauges{prometheus.WrapRegistererWith(labels, registry)}
	g.set("run_end_timestamp_seconds", "When the last run ended, in Unix time.", seconds(run.FinishedAt))
	g.set("run_duration_seconds", "How long the last run took.", run.FinishedAt.Sub(run.StartedAt).Seconds())
	g.set("run_exit_code", "How the last run ended: 0, or the exit status that a program has after such an error.", float64(run.ExitCode))
	requests := lake.Requests{}
	if run.Requests != nil {
		requests = *run.Requests
	}
	g.set("run_requests", "What the last run asked of its source.", float64(requests.Total))
	g.set("run_requests_retried", "How many requests of the last run had to be repeated.", float64(requests.Retried))
	g.set("run_requests_refused", "How many requests of the last run the source's rate limit refused.", float64(requests.Throttled))
	if requests.Quota != nil {
		g.set("run_quota_remaining_min", "The least that was left of the source's quota in the last run, in the source's units.", requests.Quota.Least)
	}
	if run.Status != lake.Succeeded {
		return registry
	}
	g.set("run_success_timestamp_seconds", "When the last successful run ended, in Unix time.", seconds(run.FinishedAt))
	var rows, bytes int64
	for _, t := range tables {
		rows, bytes = rows+t.rows, bytes+t.bytes
	}
	g.set("run_rows", "Rows in the tables after the last successful run.", float64(rows))
	g.set("run_bytes", "Bytes of the tables in the lake after the last successful run.", float64(bytes))
	g.tables(tables)
	return registry
}

// gauges makes gauges, all of which are figures of the last run.
type gauges struct{ prometheus.Registerer }

func (g gauges) vector(name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + name, Help: help}, labels)
	g.MustRegister(v)
	return v
}

func (g gauges) set(name, help string, value float64) {
	g.vector(name, help).WithLabelValues().Set(value)
}

func (g gauges) tables(tables []table) {
	rows := g.vector("table_rows", "Rows of the table's newest snapshot, or rows that the last load brought.", "table")
	bytes := g.vector("table_bytes", "Bytes of the table's newest snapshot.", "table")
	asOf := g.vector("table_data_timestamp_seconds", "When the table's data was current at its source, in Unix time.", "table")
	warnings := g.vector("table_gate_warnings", "Quality gates that the table's newest snapshot did not pass without stopping its commit.", "table")
	changed := g.vector("table_rows_changed", "Rows that the last load changed in MySQL.", "table", "change")
	for _, t := range tables {
		rows.WithLabelValues(t.name).Set(float64(t.rows))
		bytes.WithLabelValues(t.name).Set(float64(t.bytes))
		warnings.WithLabelValues(t.name).Set(float64(t.warnings))
		if !t.asOf.IsZero() {
			asOf.WithLabelValues(t.name).Set(seconds(t.asOf))
		}
		if c := t.changes; c != nil {
			changed.WithLabelValues(t.name, "inserted").Set(float64(c.Inserted))
			changed.WithLabelValues(t.name, "updated").Set(float64(c.Updated))
			changed.WithLabelValues(t.name, "deleted").Set(float64(c.Deleted))
		}
	}
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// table is what there is to tell of a table.
type table struct {
	name     string
	rows     int64
	bytes    int64
	warnings int
	asOf     time.Time
	changes  *lake.Changes
}

// tables returns the tables of a job that a stage makes: for a load those that it loaded, else the newest snapshot of each,
// whichever run made it.
func (w *Watch) tables(ctx context.Context, run lake.Run, jobName string) ([]table, error) {
	var tables []table
	tomorrow := lake.DateOf(run.FinishedAt).AddDays(1)
	for _, name := range tablesOf(run, jobName) {
		s, err := w.lake.Before(ctx, name, tomorrow)
		if errors.Is(err, lake.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		t := table{name: name.Name(), rows: s.Rows(), bytes: s.Bytes(), asOf: s.SourceAsOf}
		for _, c := range s.Checks {
			if !c.Passed {
				t.warnings++
			}
		}
		if run.Stage == "load" {
			done := doneTo(run, t.name)
			if done == nil {
				continue
			}
			t.rows, t.changes = done.Rows, done.Changes
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// doneTo returns what a run did to a table, all its dates taken together, or nil.
func doneTo(run lake.Run, table string) *lake.Done {
	var all *lake.Done
	for _, d := range run.Tables {
		if d.Table != table {
			continue
		}
		if all == nil {
			all = &lake.Done{Table: table, Changes: new(lake.Changes)}
		}
		all.Rows += d.Rows
		if c := d.Changes; c != nil {
			all.Changes.Inserted += c.Inserted
			all.Changes.Updated += c.Updated
			all.Changes.Deleted += c.Deleted
		}
	}
	return all
}

// tablesOf returns the tables that a stage makes for a job.
func tablesOf(run lake.Run, jobName string) []lake.Table {
	var tables []lake.Table
	jobs, _ := job.Select([]string{jobName})
	for _, j := range jobs {
		for _, s := range j.Sources {
			for _, t := range s.Tables {
				if run.Stage == "extract-"+s.Name {
					tables = append(tables, lake.Raw(s.Name, t))
				}
			}
		}
		for _, t := range j.Tables {
			if run.Stage == "transform" || run.Stage == "load" {
				tables = append(tables, lake.Curated(t))
			}
		}
	}
	return tables
}
