package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/job"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// future are the dates in the future that tables hold, by table: a run under a wrong clock loaded them. No date that follows may
// stand back behind them, so they are as if never loaded.
type future map[string][]lake.Date

// hide removes the dates in the future from what the tables hold, but for one that is being withdrawn.
func (f future) hide(known records, withdrawn lake.Date) records {
	for table, dates := range f {
		known[table] = slices.DeleteFunc(known[table], func(r record) bool { return r.date != withdrawn && slices.Contains(dates, r.date) })
	}
	return known
}

// withdraw finds the dates in the future among those that the jobs' tables hold, and takes from the incremental tables what
// these brought, as a load of nothing for that date. Tables that are replaced as a whole need no more than that their date is
// not taken for newer than those to come.
func (l *loader) withdraw(ctx context.Context) error {
	known, err := l.records(ctx)
	if err != nil {
		return err
	}
	today := lake.Today(l.Now())
	l.future = future{}
	for _, t := range l.planned() {
		for _, r := range known[t.Name] {
			if !today.Before(r.date) {
				continue
			}
			mistaken, err := l.mistaken(ctx, t, r)
			switch {
			case err != nil:
				return err
			case mistaken:
				l.future[t.Name] = append(l.future[t.Name], r.date)
			case t.incremental():
				return fault.New(fault.Config, fmt.Sprintf("set the clock of this machine; if that is right, course-inventory lake rm --after %s --yes takes the dates after it away, then run the same command again", today),
					fmt.Errorf("table %s holds %s, and today is %s by this machine's clock: what it holds of that date would hide what is loaded now", t.Name, r.date, today))
			}
		}
	}
	for _, j := range l.Jobs {
		for _, w := range l.future.of(j, l.tables(j), known) {
			l.Log.WarnContext(ctx, "a date in the future is withdrawn from the database", "job", j.Name, "dt", w.date.String())
			if _, err := l.loadJob(ctx, w); err != nil {
				return fmt.Errorf("withdraw %s of %s: %w", j.Name, w.date, err)
			}
		}
	}
	return nil
}

// mistaken tells whether a date after today was loaded by mistake: the server does not have it yet either, or the lake
// has it no more. Else it may be this program's clock that is wrong.
func (l *loader) mistaken(ctx context.Context, t Table, r record) (bool, error) {
	var text string
	if err := l.conn.QueryRowContext(ctx, "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ')").Scan(&text); err != nil {
		return false, fmt.Errorf("ask for the server's time: %w", err)
	}
	theirs, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return false, fmt.Errorf("the server's time: %w", err)
	}
	if lake.Today(theirs).Before(r.date) {
		return true, nil
	}
	_, err = l.lake.Find(ctx, lake.Curated(t.Name), r.date)
	if errors.Is(err, lake.ErrNotFound) {
		return true, nil
	}
	return false, err
}

// of returns the loads of nothing that take the dates in the future from a job's incremental tables, a date each.
func (f future) of(j job.Job, tables []Table, known records) []jobSnapshots {
	byDate := map[lake.Date]*jobSnapshots{}
	for _, t := range tables {
		for _, d := range f[t.Name] {
			if !t.incremental() {
				continue
			}
			if byDate[d] == nil {
				byDate[d] = &jobSnapshots{job: j, date: d, withdrawn: true}
			}
			r, _ := known.at(t.Name, d)
			nothing := lake.Snapshot{Path: r.path, Manifest: lake.Manifest{Table: lake.Curated(t.Name), Date: d}}
			byDate[d].tables = append(byDate[d].tables, snapshot{t, nothing})
		}
	}
	var all []jobSnapshots
	for _, d := range slices.SortedFunc(maps.Keys(byDate), lake.Date.Compare) {
		all = append(all, *byDate[d])
	}
	return all
}

// planned returns the tables of all jobs of the plan.
func (l *loader) planned() []Table {
	var all []Table
	for _, j := range l.Jobs {
		all = append(all, l.tables(j)...)
	}
	return all
}

// forgetFuture removes what the loads of dates in the future said of the sources, inside the transaction.
func (l *loader) forgetFuture(ctx context.Context) error {
	if len(l.future) == 0 {
		return nil
	}
	return l.exec(ctx, "DELETE FROM data_source_status WHERE data_updated_at > ?", l.Now().UTC().Add(clock.Tolerance).Truncate(time.Second))
}
