// Package drop holds the one rule about what a table may lose from one snapshot to the next. Raw tables, curated ones and those of
// MySQL are held to it.
package drop

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// The names of the gates that compare a snapshot with the one before.
const (
	RowCount = "row_count"
	Filled   = "filled_" // and the name of the column
)

// few is how many rows or values may go whatever share they are: of two terms, one is half.
const few = 4

// Rule says what may be lost.
type Rule struct {
	Max    float64  // share of what there was, 0 to 1
	Accept []string // names of tables, raw or curated, that may lose more
	Made   []string // names of curated tables that are made from those
}

// Least returns how many of so many rows must still be there.
func (r Rule) Least(before int64) int64 { return int64(math.Ceil(float64(before) * (1 - r.Max))) }

// Rows compares the rows of a snapshot that is to be committed with those of the snapshot before, and tells in what else than the
// number of rows the two differ.
func (r Rule) Rows(table lake.Table, now lake.Manifest, before *lake.Snapshot) lake.Check {
	rows := now.Rows()
	switch {
	case before == nil && rows == 0:
		return lake.Check{Name: RowCount, Warning: true, Detail: "the table is empty, and there is no earlier snapshot to compare with"}
	case before == nil:
		return lake.Check{Name: RowCount, Passed: true, Detail: quantity.Of(rows, "row") + "; there is no earlier snapshot to compare with"}
	}
	least := r.Least(before.Rows())
	detail := fmt.Sprintf("%s, %s on %s; at least %s expected", quantity.Of(rows, "row"), quantity.Number(before.Rows()), before.Date, quantity.Number(least))
	return r.judge(table, lake.Check{Name: RowCount, Passed: rows >= least, Detail: detail}, r.Few(rows, before.Rows()), rows == 0, now.Scope.Lost(before.Scope))
}

// Share is in how many rows a column has a value.
type Share struct{ Filled, Rows int64 }

func (s Share) of() float64 { return float64(s.Filled) / float64(max(1, s.Rows)) }

func (s Share) String() string {
	return fmt.Sprintf("%s of %s", quantity.Number(s.Filled), quantity.Of(s.Rows, "row"))
}

// Column compares in how many rows a column has a value. A table without rows is a matter of [Rule.Rows].
func (r Rule) Column(table lake.Table, column string, now Share, scope lake.Scope, was Share, before lake.Snapshot) lake.Check {
	least := was.of() * (1 - r.Max)
	missing := was.of()*float64(now.Rows) - float64(now.Filled)
	minor := r.Max > 0 && math.Round(missing) <= few
	detail := fmt.Sprintf("%s has a value in %s, in %s on %s; in at least %.1f%% expected", column, now, was, before.Date, 100*least)
	return r.judge(table, lake.Check{Name: Filled + column, Passed: now.Rows == 0 || now.of() >= least, Detail: detail}, minor, now.Filled == 0, scope.Lost(before.Scope))
}

// Few tells whether a table that keeps some rows loses so few of them that the share says nothing. With a limit of 0 no row may go.
func (r Rule) Few(rows, before int64) bool { return r.Max > 0 && rows > 0 && before-rows <= few }

// FewLost is what is said where [Rule.Few] holds.
const FewLost = "too few to apply the limit"

// judge lets a check pass with a warning where little is lost, where the scope changed and something is left, or where the loss is
// accepted.
func (r Rule) judge(table lake.Table, c lake.Check, minor, nothing bool, change string) lake.Check {
	if change != "" {
		c.Detail += "; " + change
	}
	switch {
	case c.Passed:
	case r.Accepts(table.Name()):
		c.Warning, c.Detail = true, c.Detail+"; accepted by --accept-drop"
	case change != "" && !nothing:
		c.Warning, c.Detail = true, c.Detail+"; row limits not applied"
	case minor:
		c.Warning, c.Detail = true, c.Detail+"; "+FewLost
	}
	return c
}

// Accepts tells whether a table may lose more than the limit.
func (r Rule) Accepts(table string) bool {
	return slices.Contains(r.Accept, table) || slices.Contains(r.Made, table)
}

// Remedy says where to look, and how to let the tables lose that much besides those that may already.
func (r Rule) Remedy(look string, tables []string) string {
	tables = slices.Concat(r.Accept, tables)
	slices.Sort(tables)
	tables = slices.Compact(tables)
	return fmt.Sprintf("%s; if the loss is right, run the same command with --accept-drop %s", look, strings.Join(tables, ","))
}
