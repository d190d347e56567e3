package extract

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Rests names the columns that curated tables rest on and that may be NULL. A snapshot in which much fewer rows have a value than in
// the one before is refused, like one that lost rows.
func (t Table) Rests(columns ...string) Table {
	t.rests = columns
	return t
}

// Watched returns the columns that Rests named.
func (t Table) Watched() []string { return t.rests }

// Loose returns t, to be warned of only where it loses rows.
func (t Table) Loose() Table {
	t.loose = true
	return t
}

// Within says what part of the source the table is asked for. Where a part is given up, fewer rows are no loss.
func (t Table) Within(scope lake.Scope) Table {
	t.scope = scope
	return t
}

// gate compares every snapshot with the newest committed one of its table. An increment has an interval of its own.
func (r *run) gate(ctx context.Context) error {
	var names, lost []string
	for _, t := range r.tables {
		if t.since != nil {
			continue
		}
		checks, err := t.compare(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		for i := range checks {
			checks[i].Warning = checks[i].Warning || t.loose && !checks[i].Passed
		}
		t.manifest.Checks = append(t.manifest.Checks, checks...)
		refused := false
		for _, c := range checks {
			if !c.Passed && !c.Warning {
				lost, refused = append(lost, fmt.Sprintf("%s: %s", t.name, c.Detail)), true
			}
		}
		if refused {
			names = append(names, t.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &refusal{fault.New(fault.Data, r.plan.Drop.Remedy("look at what the source has", names),
		fmt.Errorf("tables lost more than the %.0f%% that QUALITY.max_drop allows, and nothing was committed: %s", 100*r.plan.Drop.Max, strings.Join(lost, "; ")))}
}

// refusal is the error of a gate. What led to it is not remembered: the same command must see what was corrected at the source.
type refusal struct{ error }

func (e *refusal) Unwrap() error { return e.error }

// compare returns the results of a table's gates. A snapshot before that is damaged cannot be made again, so it stops nothing.
func (t *tableRun) compare(ctx context.Context) ([]lake.Check, error) {
	before, earlier, err := t.former(ctx)
	if fault.ClassOf(err) == fault.Data {
		return []lake.Check{{Name: drop.RowCount, Warning: true, Detail: fmt.Sprintf("not compared with the snapshot before: %v", err)}}, nil
	}
	if err != nil {
		return nil, err
	}
	rule := t.run.plan.Drop
	rows := rule.Rows(t.name, t.manifest, before)
	if rows.Passed && earlier != nil {
		if c := rule.Rows(t.name, t.manifest, earlier); !c.Passed {
			rows.Passed, rows.Warning, rows.Detail = false, true, c.Detail+"; the snapshot that this date has already is as small"
		}
	}
	checks := []lake.Check{rows}
	if before == nil || len(t.rests) == 0 {
		return checks, nil
	}
	now, err := t.filled(ctx, t.manifest)
	if err != nil {
		return nil, err
	}
	was, err := t.filled(ctx, before.Manifest)
	if err != nil {
		if fault.ClassOf(err) != fault.Data {
			return nil, err
		}
		return append(checks, lake.Check{Name: drop.Filled + "columns", Warning: true, Detail: fmt.Sprintf("not compared with the snapshot before: %v", err)}), nil
	}
	for _, column := range t.rests {
		if share, known := was[column]; known {
			checks = append(checks, rule.Column(t.name, column, now[column], t.manifest.Scope, share, *before))
		}
	}
	return checks, nil
}

// former returns the newest snapshot of the table, nil if there is none. Where that is of the same date, earlier is the one before it.
func (t *tableRun) former(ctx context.Context) (newest, earlier *lake.Snapshot, err error) {
	d := t.run.plan.Date
	for _, find := range []func() (lake.Snapshot, error){
		func() (lake.Snapshot, error) { return t.run.lake.Find(ctx, t.name, d) },
		func() (lake.Snapshot, error) { return t.run.lake.Before(ctx, t.name, d) },
	} {
		s, err := find()
		switch {
		case errors.Is(err, lake.ErrNotFound):
		case err != nil:
			return nil, nil, err
		case newest == nil:
			newest = &s
		default:
			earlier = &s
		}
	}
	return newest, earlier, nil
}

// filled returns in how many rows of a snapshot each column has a value, as the ends of its files tell.
func (t *tableRun) filled(ctx context.Context, m lake.Manifest) (map[string]drop.Share, error) {
	shares := map[string]drop.Share{}
	for _, f := range m.Files {
		footer, err := t.run.lake.Footer(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, c := range footer.Columns {
			s := shares[c.Name]
			shares[c.Name] = drop.Share{Filled: s.Filled + footer.Rows - footer.Nulls[c.Name], Rows: s.Rows + footer.Rows}
		}
	}
	return shares, nil
}
