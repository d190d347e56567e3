package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/lake/diff"
	"github.com/tl-its-umich-edu/course-inventory/lake/rows"
)

// What a row of a change table asks for, in its column opColumn.
const (
	opColumn = "load_op"
	opDelete = '0'
	opInsert = '1'
	opUpdate = '2'
)

// changes is what differs between the snapshot that a table holds and the one to load: rows to
// insert and update as the new one has them, and rows to delete as the old one had them.
type changes struct {
	merge *diff.Merge
	tally tally // of the new snapshot
	sent  int64
	op    byte
	row   []*rows.Cell

	inserted, updated, deleted int64
	before, after              []byte
}

// baseError is one of reading the snapshot that the table holds. It leaves the way of comparing rows in the database.
type baseError struct{ error }

func (e baseError) Unwrap() error { return e.error }

// changes opens a feed of what differs.
func (t *tableLoad) changes(ctx context.Context) (feed, error) {
	before, err := t.base.reader(ctx)
	if err != nil {
		return nil, err
	}
	after, err := t.reader(ctx)
	if err != nil {
		return nil, err
	}
	m, err := diff.NewMerge(before, after)
	if err != nil {
		return nil, err
	}
	t.found = &changes{merge: m}
	return t.found, nil
}

func (c *changes) next() (bool, error) {
	for {
		kind, err := c.merge.Next()
		if c.merge.Old.Err() != nil {
			return false, baseError{err}
		}
		if err != nil {
			return false, err
		}
		if kind == diff.End {
			return false, nil
		}
		if kind != diff.Removed {
			c.tally.add(c.merge.New.Cells())
		}
		switch kind {
		case diff.Added:
			c.op, c.row = opInsert, c.merge.New.Cells()
			c.inserted++
		case diff.Removed:
			c.op, c.row = opDelete, c.merge.Old.Cells()
			c.deleted++
		case diff.Changed:
			// What differs less than the database can hold, such as fractions of seconds, is the same there.
			c.before = appendFields(c.before[:0], c.merge.Old.Cells())
			c.after = appendFields(c.after[:0], c.merge.New.Cells())
			if bytes.Equal(c.before, c.after) {
				continue
			}
			c.op, c.row = opUpdate, c.merge.New.Cells()
			c.updated++
		default:
			continue
		}
		c.sent++
		return true, nil
	}
}

func (c *changes) count() int64      { return c.sent }
func (c *changes) columns() []string { return append(names(c.merge.New.Columns()), opColumn) }

func (c *changes) append(dst []byte) []byte {
	dst = appendFields(dst, c.row)
	return append(dst, '\t', c.op, '\n')
}

func (c *changes) get(dst []any) []any {
	return append(appendArguments(dst, c.row), int64(c.op-'0'))
}

func (c *changes) close() {
	c.merge.Old.Close()
	c.merge.New.Close()
}

// merge finds what differs by the lake alone. Where its snapshots do not allow it, rows are compared in the database.
func (l *loader) merge(ctx context.Context, t *tableLoad) error {
	err := l.mergeChanges(ctx, t)
	var unreadable baseError
	if errors.As(err, &unreadable) && ctx.Err() == nil {
		l.logCompared(ctx, t, err)
		if err := l.dropChanges(ctx, t); err != nil {
			return err
		}
		t.way = differ
		return l.compare(ctx, t)
	}
	if err != nil {
		return err
	}
	f := t.found
	t.tally = &f.tally
	t.result.Inserted, t.result.Updated, t.result.Deleted = f.inserted, f.updated, f.deleted
	l.logDifference(ctx, t)
	return nil
}

// mergeChanges walks both snapshots and, unless in a dry run, sends what differs into a change table.
func (l *loader) mergeChanges(ctx context.Context, t *tableLoad) error {
	if l.DryRun {
		f, err := t.changes(ctx)
		if err != nil {
			return err
		}
		defer f.close()
		for {
			if more, err := f.next(); err != nil || !more {
				return err
			}
		}
	}
	if err := l.makeChangeTable(ctx, t.table); err != nil {
		return err
	}
	sent, err := l.send(ctx, t, changeName(t.table.Name), t.changes)
	if err == nil && sent != t.found.sent {
		err = fmt.Errorf("%d changes arrived of %d", sent, t.found.sent)
	}
	return err
}

// makeChangeTable makes the table of a table's changes, empty.
func (l *loader) makeChangeTable(ctx context.Context, table Table) error {
	query := fmt.Sprintf("SELECT %s, 0 AS %s FROM %s WHERE FALSE", list(names(table.Columns), ""), opColumn, quote(table.Name))
	if err := l.exec(ctx, l.create(changeName(table.Name), table.Key, query)); err != nil {
		return fmt.Errorf("make table of changes: %w", err)
	}
	return nil
}

// dropChanges removes the table of a table's changes, if there is one.
func (l *loader) dropChanges(ctx context.Context, t *tableLoad) error {
	if l.DryRun || t.way != merge {
		return nil
	}
	return l.exec(ctx, "DROP TABLE IF EXISTS "+quote(changeName(t.table.Name)))
}
