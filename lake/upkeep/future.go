package upkeep

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// After returns the snapshots of all tables for dates after d.
func After(ctx context.Context, l *lake.Lake, d lake.Date) ([]lake.Snapshot, error) {
	tables, _, err := new(survey).top(ctx, l)
	if err != nil {
		return nil, err
	}
	found := make([][]lake.Snapshot, len(tables))
	err = each(ctx, tables, func(ctx context.Context, i int) (err error) {
		found[i], err = l.After(ctx, tables[i], d)
		return err
	})
	var all []lake.Snapshot
	for _, snapshots := range found {
		all = append(all, snapshots...)
	}
	return all, err
}

// FutureRemedy says how to get rid of dates after today: what a run under a wrong clock committed.
func FutureRemedy(today lake.Date) string {
	return fmt.Sprintf("if this machine's clock is right, take them away: course-inventory lake rm --after %s --yes, then course-inventory run", today)
}

// future takes note of a date in the future.
func (v *verifier) future(s *lake.Snapshot) {
	today := lake.Today(v.options.Now)
	if !today.Before(s.Date) {
		return
	}
	found := damage("future", s.Path, s.Table, s.Date, "the date is in the future: today is %s; a run under a wrong clock made it", today)
	found.Remedy = FutureRemedy(today)
	v.found.add(found)
}
