package upkeep

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Retention says which dates of a table a clean-up keeps beside the newest: those that any of its rules keeps. Dates that hold an interval are
// always kept: together they are the table.
type Retention struct {
	Days      int  // the last days; 0 keeps all dates
	MonthEnds bool // the last date of each month
	TermEnds  bool // the last date before the end of each term
}

// keeps returns which of the dates, oldest first, are kept on a day.
func (r Retention) keeps(dates []lake.Date, termEnds []time.Time, today lake.Date) map[lake.Date]bool {
	kept := map[lake.Date]bool{}
	for i, d := range dates {
		last := i == len(dates)-1
		switch {
		case last, !today.Before(d) && today.Before(dates[i+1]), r.Days == 0, today.AddDays(-r.Days).Before(d):
			kept[d] = true
		case r.MonthEnds && month(d) != month(dates[i+1]):
			kept[d] = true
		}
	}
	if !r.TermEnds {
		return kept
	}
	for _, end := range termEnds {
		after := slices.IndexFunc(dates, func(d lake.Date) bool { return !d.Time().Before(end) })
		switch {
		case after > 0:
			kept[dates[after-1]] = true
		case after < 0 && len(dates) > 0:
			kept[dates[len(dates)-1]] = true
		}
	}
	return kept
}

func month(d lake.Date) string { return d.String()[:len("2006-01")] }

// termRow is what is read of a table of terms.
type termRow struct {
	EndAt *time.Time `parquet:"end_at,optional,timestamp(microsecond)"`
}

// termEnds returns when terms end, in order. Every snapshot of the terms is asked, for the newest knows only those that are configured today.
func (h *history) termEnds(ctx context.Context, l *lake.Lake, r Retention) ([]time.Time, error) {
	if !r.TermEnds || r.Days == 0 {
		return nil, nil
	}
	var paths []string
	for _, t := range h.tables {
		if t.table != lake.Curated("term") && t.table != lake.Raw("canvas", "term") {
			continue
		}
		for _, d := range t.dates {
			if c := d.live(); c != nil {
				paths = append(paths, c.Key)
			}
		}
	}
	var mu sync.Mutex
	var ends []time.Time
	err := each(ctx, paths, func(ctx context.Context, i int) error {
		s, err := l.Manifest(ctx, paths[i])
		if err != nil {
			return err
		}
		for row, err := range lake.Rows[termRow](ctx, l, s.Manifest) {
			if err != nil {
				return err
			}
			if row.EndAt != nil {
				mu.Lock()
				ends = append(ends, row.EndAt.UTC())
				mu.Unlock()
			}
		}
		return nil
	})
	slices.SortFunc(ends, time.Time.Compare)
	return slices.Compact(ends), err
}
