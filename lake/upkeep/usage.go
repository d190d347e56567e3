package upkeep

import (
	"context"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Usage is what the lake holds of a table.
type Usage struct {
	Table      lake.Table `json:"table"`
	Dates      int        `json:"dates"` // with a snapshot
	First      lake.Date  `json:"first,omitzero"`
	Newest     lake.Date  `json:"newest,omitzero"`
	Gaps       []Gap      `json:"gaps,omitempty"`
	Removed    int        `json:"removed,omitempty"` // dates that were removed and not yet cleaned up
	Rows       int64      `json:"rows"`              // of the newest snapshot
	Bytes      int64      `json:"bytes"`             // of the newest snapshot's files
	TotalBytes int64      `json:"total_bytes"`       // of all objects of the table, superseded ones included
	Number     int        `json:"number,omitempty"`  // of the newest snapshot's manifest
	Run        lake.RunID `json:"run_id,omitempty"`
	FinishedAt time.Time  `json:"finished_at,omitzero"`
	Interval   bool       `json:"interval,omitempty"` // its dates hold an interval each
	Problem    string     `json:"problem,omitempty"`  // why the newest snapshot could not be looked at
}

// Gap is a span of days without a snapshot between the first and the newest, both ends included.
type Gap struct {
	From lake.Date `json:"from"`
	To   lake.Date `json:"to"`
}

// String returns the gap as 2026-03-01 or 2026-03-01..2026-03-05.
func (g Gap) String() string {
	if g.From == g.To {
		return g.From.String()
	}
	return g.From.String() + ".." + g.To.String()
}

// List returns what the lake holds of the tables, in the order of their names. It lists all objects, and reads the newest
// manifest of each table and of each date that was committed more than once.
func List(ctx context.Context, l *lake.Lake, tables []string) ([]Usage, error) {
	s, err := look(ctx, l, Scope{Tables: tables})
	if err != nil {
		return nil, err
	}
	removed, err := s.removed(ctx, l)
	if err != nil {
		return nil, err
	}
	all := make([]Usage, len(s.tables))
	err = each(ctx, all, func(ctx context.Context, i int) (err error) {
		all[i], err = s.tables[i].usage(ctx, l, removed)
		return err
	})
	return all, err
}

// usage reads the newest snapshot's manifest.
func (t *tableObjects) usage(ctx context.Context, l *lake.Lake, removed map[*dateObjects]bool) (Usage, error) {
	u := Usage{Table: t.table, TotalBytes: t.bytes}
	var last manifestObject
	for _, d := range t.dates {
		newest, ok := d.newest()
		switch {
		case !ok:
			continue
		case removed[d]:
			u.Removed++
			continue
		case u.Dates == 0:
			u.First = d.date
		case u.Newest.AddDays(1) != d.date:
			u.Gaps = append(u.Gaps, Gap{u.Newest.AddDays(1), d.date.AddDays(-1)})
		}
		u.Dates++
		u.Newest, last = d.date, newest
	}
	if u.Dates == 0 {
		return u, nil
	}
	m, err := l.Manifest(ctx, last.Key)
	if fault.ClassOf(err) == fault.Data {
		u.Number, u.Problem = last.number, err.Error()
		return u, nil
	}
	u.Rows, u.Bytes, u.Number, u.Run, u.FinishedAt, u.Interval = m.Rows(), m.Bytes(), m.Number, m.Run, m.FinishedAt, m.Interval != nil
	return u, err
}

// removed tells which dates' newest manifest says that they were removed. Number 1 never does.
func (s *survey) removed(ctx context.Context, l *lake.Lake) (map[*dateObjects]bool, error) {
	var again []*dateObjects
	for _, t := range s.tables {
		for _, d := range t.dates {
			if newest, ok := d.newest(); ok && newest.number > 1 {
				again = append(again, d)
			}
		}
	}
	is := make([]bool, len(again))
	err := each(ctx, again, func(ctx context.Context, i int) error {
		newest, _ := again[i].newest()
		m, err := l.Manifest(ctx, newest.Key)
		if fault.ClassOf(err) == fault.Data {
			return nil // Verify tells; for a listing it is there
		}
		is[i] = m.Removed
		return err
	})
	removed := map[*dateObjects]bool{}
	for i, d := range again {
		removed[d] = is[i]
	}
	return removed, err
}
