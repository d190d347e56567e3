package load

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// choose decides for each table what there is to do, from the loads' records and the live rows. Where a record tells
// the sum of the table's rows, it is believed for now.
func (l *loader) choose(ctx context.Context, w jobSnapshots) ([]*tableLoad, error) {
	var err error
	if l.known, err = l.records(ctx); err != nil {
		return nil, err
	}
	hidden := lake.Date{}
	if w.withdrawn {
		hidden = w.date
	}
	l.known = l.future.hide(l.known, hidden)
	loads := make([]*tableLoad, 0, len(w.tables))
	for _, s := range w.tables {
		t := &tableLoad{snapshot: s, withdrawn: w.withdrawn, result: TableLoad{Name: s.table.Name, Manifest: s.lake.Path, Rows: s.lake.Rows()}, scope: "TRUE"}
		newest, found := l.known.newest(s.table.Name)
		if err := l.checkAge(t, newest); err != nil {
			return nil, err
		}
		if r, loaded := l.known.at(s.table.Name, s.lake.Date); loaded {
			t.again = r.sha256 == t.lake.SHA256
		}
		switch {
		case s.table.selective():
			err = l.choosePart(ctx, t)
		case found && newest.sum != nil && s.table.summable():
			t.result.Before = newest.rows
			err = l.chooseKnown(ctx, t, newest)
		default:
			err = l.chooseUnknown(ctx, t)
		}
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", s.table.Name, err)
		}
		t.replaced, t.staged = t.result.Before, t.result.Rows
		loads = append(loads, t)
	}
	return loads, l.checkDrop(ctx, loads, false)
}

// choosePart decides on a table of which the load replaces a part. What there is to do, only a comparison of the rows tells.
func (l *loader) choosePart(ctx context.Context, t *tableLoad) (err error) {
	t.way = differ
	t.result.Before, err = l.count(ctx, t.table.Name)
	return err
}

// chooseKnown decides on a table whose record tells what it holds.
func (l *loader) chooseKnown(ctx context.Context, t *tableLoad, r record) error {
	if t.again {
		t.way = keep
		t.tally = &tally{rows: r.rows, sum: *r.sum}
		return nil
	}
	t.way = merge
	err := l.findBase(ctx, t, r)
	if err != nil && ctx.Err() == nil {
		l.logCompared(ctx, t, err)
		t.way = differ
		err = nil
	}
	return err
}

// chooseUnknown decides on a table by its number of rows.
func (l *loader) chooseUnknown(ctx context.Context, t *tableLoad) (err error) {
	if t.result.Before, err = l.count(ctx, t.table.Name); err != nil {
		return err
	}
	switch {
	case t.again && t.result.Before == t.result.Rows:
		t.way = keep
	case t.result.Before == 0:
		t.way = fill
	default:
		t.way = differ
		l.logCompared(ctx, t, errUnknown)
	}
	return nil
}

func (l *loader) logCompared(ctx context.Context, t *tableLoad, reason error) {
	l.Log.InfoContext(ctx, "rows are compared in the database, which takes longer", "table", t.table.Name, "reason", reason)
}
