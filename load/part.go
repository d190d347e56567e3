package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// narrow reduces the staged rows to those that are to be live after the load, and the scope of the load to the live rows
// that these replace.
func (l *loader) narrow(ctx context.Context, t *tableLoad) (err error) {
	switch {
	case t.table.Hour != "":
		err = l.narrowHours(ctx, t)
	case t.table.OwnedBy != "":
		err = l.narrowOwned(ctx, t)
	case t.table.Owner != "":
		err = l.narrowOwners(ctx, t)
	case t.table.Listed != nil:
		err = l.narrowListed(ctx, t)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if t.staged, err = l.countWhere(ctx, stageName(t.table.Name), "TRUE"); err != nil {
		return fmt.Errorf("count staged rows: %w", err)
	}
	if t.replaced, err = l.countWhere(ctx, t.table.Name, t.scope); err != nil {
		return fmt.Errorf("count rows to replace: %w", err)
	}
	return nil
}

// countWhere counts the rows of an existing table that where accepts; it knows them as t.
func (l *loader) countWhere(ctx context.Context, table, where string) (n int64, err error) {
	err = l.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM %s t WHERE %s", quote(table), where)).Scan(&n)
	return n, err
}

// narrowHours keeps the hours that the date owns. Where the same date was loaded before with a longer interval, the
// hours that it gives up go back to the dates that saw them too.
func (l *loader) narrowHours(ctx context.Context, t *tableLoad) error {
	var mine claim
	switch {
	case t.withdrawn:
		mine.date = t.lake.Date
	case t.lake.Interval == nil:
		return fault.New(fault.Data, "transform the date again", fmt.Errorf("manifest %s tells no interval", t.lake.Path))
	default:
		mine = newClaim(t.lake.Date, *t.lake.Interval)
		if err := l.checkHours(ctx, t, mine.seen); err != nil {
			return err
		}
	}
	var before, after []claim
	for _, r := range l.known[t.table.Name] {
		if r.interval == nil {
			continue
		}
		c := newClaim(r.date, *r.interval)
		before = append(before, c)
		if r.date != mine.date {
			after = append(after, c)
		}
	}
	s := share(mine.date, before, append(after, mine))
	column := t.table.Hour
	if err := l.exec(ctx, fmt.Sprintf("DELETE s FROM %s s WHERE NOT (%s)", quote(stageName(t.table.Name)), within("s", column, s.take[mine.date]))); err != nil {
		return err
	}
	for _, date := range slices.SortedFunc(maps.Keys(s.take), lake.Date.Compare) {
		if date == mine.date {
			continue
		}
		from, _ := l.known.at(t.table.Name, date)
		if err := l.refill(ctx, t, from, within("o", column, s.take[date]), nil); err != nil {
			return err
		}
	}
	t.scope = "(" + within("t", column, s.all()) + ")"
	return nil
}

// checkHours refuses rows outside the interval: no other load could tell whose they are.
func (l *loader) checkHours(ctx context.Context, t *tableLoad, seen hours) error {
	var n int64
	var first string
	column := "s." + quote(t.table.Hour)
	err := l.conn.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*), COALESCE(MIN(%s), '') FROM %s s WHERE NOT (%s)",
		column, quote(stageName(t.table.Name)), within("s", t.table.Hour, []hours{seen}))).Scan(&n, &first)
	if err != nil || n == 0 {
		return err
	}
	i := t.lake.Interval
	return refusal(fmt.Sprintf("%s outside the interval from %s to %s, such as hour %s", quantity.Of(n, "row"), stamp(i.From), stamp(i.To), first))
}

// within is the condition that a column of hours lies in one of the ranges.
func within(alias, column string, ranges []hours) string {
	if len(ranges) == 0 {
		return "FALSE"
	}
	var parts []string
	for _, h := range ranges {
		c := alias + "." + quote(column)
		parts = append(parts, fmt.Sprintf("%s >= '%s' AND %s < '%s'", c, hourText(h.from), c, hourText(h.to)))
	}
	return strings.Join(parts, " OR ")
}

// narrowListed keeps the rows whose reference is wanted: the tools that users list, or what was kept of
// the table that is loaded with this one.
func (l *loader) narrowListed(ctx context.Context, t *tableLoad) error {
	listed := t.table.Listed
	source, key := ltiType, keyOf(listed.Table)
	if listed.Table != ltiType {
		source = stageName(listed.Table)
	}
	return l.exec(ctx, fmt.Sprintf("DELETE s FROM %s s LEFT JOIN %s r ON r.%s = s.%s WHERE r.%s IS NULL",
		quote(stageName(t.table.Name)), quote(source), quote(key), quote(listed.Column), quote(key)))
}
