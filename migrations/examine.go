package migrations

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sethvargo/go-retry"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// Finding is something about the database that migrations and loads do not expect.
type Finding struct {
	Class   fault.Class // OK for a warning
	Problem string
	Remedy  string // imperative
}

// Forbids tells whether nothing may be changed before somebody did what the remedy says.
func (f Finding) Forbids() bool { return f.Class != fault.OK }

// Refusal returns an error that names all findings that forbid a change, or nil.
func Refusal(findings []Finding) error {
	class := fault.OK
	var problems, remedies []string
	for _, f := range findings {
		if !f.Forbids() {
			continue
		}
		if class == fault.OK || f.Class == fault.Config {
			class = f.Class
		}
		problems, remedies = append(problems, f.Problem), append(remedies, f.Remedy)
	}
	if class == fault.OK {
		return nil
	}
	return fault.New(class, strings.Join(unique(remedies), "; ")+"; then run the same command again: nothing was changed",
		errors.New(strings.Join(problems, "; ")))
}

func unique(texts []string) (kept []string) {
	seen := map[string]bool{}
	for _, t := range texts {
		if !seen[t] {
			kept = append(kept, t)
		}
		seen[t] = true
	}
	return kept
}

// Examine looks at the whole schema before anything is changed. What it finds, every program that looks at the
// database says alike. It changes nothing. What only matters to migrations that were applied is not asked.
func Examine(ctx context.Context, db querier) (found []Finding, err error) {
	wait := retry.WithMaxRetries(5, retry.NewConstant(firstPause))
	err = retry.Do(ctx, wait, func(ctx context.Context) error {
		if found, err = examineOnce(ctx, db); mysqldb.Number(err) == mysqldb.BusyView {
			err = retry.RetryableError(err)
		}
		return err
	})
	return found, err
}

func examineOnce(ctx context.Context, db querier) ([]Finding, error) {
	x := &examination{db: db}
	for _, look := range []func(context.Context) error{
		x.readVersion, x.server, x.readTables, x.kinds, x.columns, x.triggers,
		x.names, x.keys, x.values, x.sizes, x.references, x.foreign, x.busy,
	} {
		if err := look(ctx); err != nil {
			return nil, fmt.Errorf("examine the schema: %w", err)
		}
	}
	return x.findings, nil
}

// examination gathers findings.
type examination struct {
	db       querier
	applied  map[int64]bool
	original int // number of the original's last migration; 0 where it is not known
	tables   map[string]table
	findings []Finding
}

// table is a table of ours as the database has it.
type table struct {
	kind, engine, rowFormat, options string
	columns                          map[string]column
}

// column is a column as the database has it.
type column struct {
	dataType   string
	nullable   bool
	noDefault  bool
	extra      string
	characters int64
	bytes      int64
}

func (x *examination) forbid(class fault.Class, remedy, format string, args ...any) {
	x.findings = append(x.findings, Finding{class, fmt.Sprintf(format, args...), remedy})
}

func (x *examination) warn(remedy, format string, args ...any) {
	x.forbid(fault.OK, remedy, format, args...)
}

// adopting tells whether columns or keys of the original's tables are still to be changed.
func (x *examination) adopting() bool { return !x.applied[5] }

// each calls scan with every row of a query's answer.
func (x *examination) each(ctx context.Context, query string, args []any, scan func(scan func(...any) error) error) error {
	rows, err := x.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// in returns a condition's list of placeholders and its arguments.
func in(names []string) (string, []any) {
	args := make([]any, len(names))
	for i, n := range names {
		args[i] = n
	}
	return "(?" + strings.Repeat(", ?", len(names)-1) + ")", args
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
