package transform

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/drop"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

const exampleRows = 5

// GateError reports quality gates that failed. Nothing of the date was committed.
type GateError struct {
	Date   lake.Date
	Failed []FailedCheck
}

// FailedCheck is a gate that a table did not pass.
type FailedCheck struct {
	Table lake.Table
	lake.Check
}

// Error lists the failed gates with examples of the rows.
func (e *GateError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "quality gates of %s: %d failed and nothing was committed", e.Date, len(e.Failed))
	for _, f := range e.Failed {
		fmt.Fprintf(&b, "; %s %s: %s", f.Table, f.Name, f.Detail)
		if f.Rows > 0 {
			fmt.Fprintf(&b, " (%s", quantity.Of(f.Rows, "row"))
			if len(f.Examples) > 0 {
				fmt.Fprintf(&b, ", such as %s", strings.Join(f.Examples, " | "))
			}
			b.WriteString(")")
		}
	}
	return b.String()
}

// verdict returns a [*GateError] if a gate failed that is not a warning.
func (w *work) verdict() error {
	gate := &GateError{Date: w.date}
	var small []string
	hint := "the rows come from the raw tables of that date: correct them at the source and extract again"
	for _, set := range w.chosen {
		for _, c := range w.outputs[set.Name].checks {
			if c.Passed || c.Warning {
				continue
			}
			gate.Failed = append(gate.Failed, FailedCheck{Table: set.Table(), Check: c})
			if c.Name == rowCount {
				small = append(small, set.Name)
			}
		}
	}
	if len(small) > 0 {
		hint = w.plan.Drop.Remedy("look at the raw tables of that date", small)
	}
	if len(gate.Failed) == 0 {
		return nil
	}
	return fault.New(fault.Data, hint, gate)
}

// The names of the gates that every set has.
const (
	keyUnique       = "key_unique"
	requiredPresent = "required_present"
	rowCount        = drop.RowCount
	rowsRejected    = "rows_rejected"
	rowsRepeated    = "rows_repeated"
	sameRun         = "inputs_same_run"
)

// checkSet runs the gates of a set that concern the set and its inputs alone.
func (w *work) checkSet(ctx context.Context, session Session, set Set, out *output) ([]lake.Check, error) {
	checks := slices.Concat(set.ownChecks(), set.Checks)
	var results []lake.Check
	for _, c := range checks {
		result, err := find(ctx, session, c)
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	results = append(results, w.checkRowCount(set, out))
	if set.Rejects {
		c, err := w.checkRejected(ctx, session, set, out)
		if err != nil {
			return nil, err
		}
		results = append(results, c)
	}
	if s := w.snapshots[set.OneEach]; s != nil {
		repeated := s.snapshot.Rows() - out.rows - out.refused
		results = append(results, lake.Check{Name: rowsRepeated, Warning: true, Passed: repeated == 0, Rows: repeated,
			Detail: "rows of " + set.OneEach + " repeat the key of another, which was kept"})
	}
	return append(results, w.checkRuns(set)...), nil
}

// ownChecks returns the gates that follow from the set's key and columns.
func (s Set) ownChecks() []Check {
	key := strings.Join(s.Key, ", ")
	var missing []string
	for _, c := range s.Columns {
		if !c.Nullable {
			missing = append(missing, c.Name+" IS NULL")
		}
	}
	return []Check{
		{Name: keyUnique, Detail: "several rows have the same " + key,
			Query: fmt.Sprintf("SELECT %s, COUNT(*) AS times FROM curated.%s GROUP BY %s HAVING COUNT(*) > 1", key, s.Name, key), Grouped: true},
		{Name: requiredPresent, Detail: "a required value is missing",
			Query: fmt.Sprintf("SELECT * FROM curated.%s WHERE %s", s.Name, strings.Join(missing, " OR "))},
	}
}

// find evaluates a check.
func find(ctx context.Context, session Session, c Check) (lake.Check, error) {
	count := EachRow
	if c.Grouped {
		count = ByTimes
	}
	rows, examples, err := session.Find(ctx, c.Query, count, exampleRows)
	if err != nil {
		return lake.Check{}, fmt.Errorf("check %s: %w", c.Name, err)
	}
	result := lake.Check{Name: c.Name, Passed: rows == 0, Warning: c.Warning, Rows: rows, Examples: examples}
	if rows > 0 {
		result.Detail = c.Detail
	}
	return result, nil
}

// checkRowCount compares the number of rows with that of the previous snapshot. Where the date has a snapshot that is as small
// already, it is let through again.
func (w *work) checkRowCount(set Set, out *output) lake.Check {
	if w.interval(set) != nil {
		return lake.Check{Name: rowCount, Passed: true, Detail: quantity.Of(out.rows, "row") + "; intervals are not compared with each other"}
	}
	now := lake.Manifest{Files: []lake.File{{Rows: out.rows}}, Scope: w.scope(set)}
	own := w.own[set.Name]
	c := w.plan.Drop.Rows(set.Table(), now, w.former[set.Name])
	if own != nil && !c.Passed && !c.Warning && out.rows >= w.plan.Drop.Least(own.Rows()) {
		c.Warning, c.Detail = true, c.Detail+"; the snapshot that this date has already is as small"
	}
	return c
}

// scope returns what part of the sources the set is made from.
func (w *work) scope(set Set) lake.Scope {
	var scope lake.Scope
	for _, in := range set.Inputs {
		switch schema, table := in.sourceOf(); {
		case schema == "previous":
		case schema == "curated" && w.computes(table.Name()):
			scope = scope.With(w.scope(w.set(table.Name())))
		case w.snapshots[in.Name] != nil && w.snapshots[in.Name].snapshot != nil:
			scope = scope.With(w.snapshots[in.Name].snapshot.Scope)
		}
	}
	return scope
}

// checkRejected reports the rows that the set could not use.
func (w *work) checkRejected(ctx context.Context, session Session, set Set, out *output) (lake.Check, error) {
	c := lake.Check{Name: rowsRejected, Warning: true, Passed: true}
	if out.refused == 0 {
		return c, nil
	}
	view := "curated." + string(set.Table().Rejected().Name())
	if err := session.View(ctx, view, []string{out.rejected}, set.rejectedColumns()); err != nil {
		return c, err
	}
	reasons := fmt.Sprintf("SELECT %s, COUNT(*) AS number_of_rows FROM %s GROUP BY %s", rejectedBecause, view, rejectedBecause)
	_, examples, err := session.Find(ctx, reasons, EachRow, 2*exampleRows)
	if err != nil {
		return c, err
	}
	_, more, err := session.Find(ctx, "SELECT * FROM "+view, EachRow, exampleRows)
	c.Passed, c.Rows, c.Examples = false, out.refused, append(examples, more...)
	c.Detail = "rows stand in " + string(set.Table().Rejected())
	return c, err
}

// checkRuns reports raw tables of one source behind the set that different runs wrote, so that they may not fit each other.
func (w *work) checkRuns(set Set) []lake.Check {
	runs := map[string]map[lake.RunID]bool{} // by schema
	for _, name := range w.rawBehind(set) {
		schema, _, _ := strings.Cut(name, ".")
		if runs[schema] == nil {
			runs[schema] = map[lake.RunID]bool{}
		}
		runs[schema][w.snapshots[name].snapshot.Run] = true
	}
	if len(runs) == 0 {
		return nil
	}
	c := lake.Check{Name: sameRun, Passed: true, Warning: true}
	for _, schema := range slices.Sorted(maps.Keys(runs)) {
		if len(runs[schema]) > 1 && c.Passed {
			c.Passed = false
			c.Detail = fmt.Sprintf("the %s tables come from %d runs", schema, len(runs[schema]))
		}
	}
	return []lake.Check{c}
}

// rawBehind returns the names of the raw inputs that the set is made from, directly or through the sets that it reads. The jobs
// extract tables of one source in runs of their own, so that others do not matter. What was committed before is not looked through.
func (w *work) rawBehind(set Set) []string {
	var behind []string
	for _, in := range set.Inputs {
		switch schema, table := in.sourceOf(); {
		case schema == "raw":
			behind = append(behind, in.Name)
		case schema == "curated" && w.computes(table.Name()):
			behind = append(behind, w.rawBehind(w.set(table.Name()))...)
		}
	}
	return behind
}
