package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

const (
	lockTries = 6 // attempts at the transaction while others hold locks
	lockPause = 200 * time.Millisecond
)

// commit applies all differences, with the job's row in job_run, its sources' in data_source_status and the
// tables' in load_record, in one transaction. Tables that are filled lose their keys before it and get them back after it.
func (l *loader) commit(ctx context.Context, done *JobLoad, started time.Time, loads []*tableLoad) (err error) {
	defer func() {
		if err != nil {
			// The tables are empty again. On a broken connection, the next load does it.
			ctx, stop := cleanup(ctx)
			defer stop()
			_ = l.restoreKeys(ctx)
			return
		}
		if err = l.restoreKeys(ctx); err != nil && ctx.Err() == nil {
			passing := mysqldb.Number(err) == 0 || mysqldb.RolledBack(err) || mysqldb.Ended(err)
			err = fmt.Errorf("the rows were loaded, but not all keys put back, which the next load does: %w", err)
			var classed *fault.Error
			if passing && !errors.As(err, &classed) {
				err = fault.New(fault.Temporary, "run the same command again: it puts them back; until then queries take longer", err)
			}
		}
	}()
	for _, t := range loads {
		if err := l.dropKeys(ctx, t); err != nil {
			return err
		}
	}
	backoff := retry.WithMaxRetries(lockTries-1, retry.NewExponential(lockPause))
	return retry.Do(ctx, backoff, func(ctx context.Context) error {
		err := l.transaction(ctx, done, started, loads)
		var orphan *orphanError
		if errors.As(err, &orphan) {
			// The server skipped the row, so only a staging table can tell which one it was.
			if err := l.restage(ctx, orphan.table); err != nil {
				return err
			}
			return retry.RetryableError(err)
		}
		var refused *infileRefusal
		if errors.As(err, &refused) {
			return retry.RetryableError(err)
		}
		if mysqldb.RolledBack(err) {
			l.Log.WarnContext(ctx, "another program locks the tables: the transaction is tried again", "error", err)
			return retry.RetryableError(err)
		}
		return err
	})
}

func (l *loader) transaction(ctx context.Context, done *JobLoad, started time.Time, loads []*tableLoad) (err error) {
	if err := l.exec(ctx, "START TRANSACTION"); err != nil {
		return err
	}
	l.inTransaction = true
	began := time.Now()
	l.Log.DebugContext(ctx, "transaction begun")
	defer func() {
		l.inTransaction = false
		done.Transaction = time.Since(began)
		if err != nil {
			done.JobRunID = 0
			// On a broken connection the server rolls back by itself.
			_ = execAnyway(ctx, l.conn, "ROLLBACK")
		}
	}()
	for _, t := range loads {
		if err := l.verify(ctx, t); err != nil {
			return err
		}
	}
	began = time.Now() // nothing was locked before
	for _, t := range loads {
		if err := l.put(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.table.Name, err)
		}
		l.Log.DebugContext(ctx, "rows put", "table", t.table.Name)
	}
	for _, t := range slices.Backward(loads) {
		if err := l.remove(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.table.Name, err)
		}
	}
	l.Log.DebugContext(ctx, "rows deleted")
	for _, t := range loads {
		if err := l.checkParents(ctx, t); err != nil {
			return fmt.Errorf("table %s: %w", t.table.Name, err)
		}
		if err := l.own(ctx, t); err != nil {
			return fmt.Errorf("owners of table %s: %w", t.table.Name, err)
		}
	}
	if err := l.writeHistory(ctx, done, started, loads); err != nil {
		return err
	}
	if err := l.checkLock(ctx); err != nil {
		return err
	}
	l.Log.DebugContext(ctx, "ready to commit")
	if err := l.exec(ctx, "COMMIT"); err != nil {
		if (mysqldb.Number(err) == 0 || mysqldb.Ended(err)) && ctx.Err() == nil {
			return fault.New(fault.Temporary, "run the same command again: it finds out, and loads what is missing",
				fmt.Errorf("the connection broke during the commit, so it is not known whether the rows were loaded: %w", err))
		}
		return fmt.Errorf("commit: %w", err)
	}
	l.Log.DebugContext(ctx, "committed")
	return nil
}

// put inserts and updates the rows of a table.
func (l *loader) put(ctx context.Context, t *tableLoad) error {
	switch t.way {
	case fill:
		return l.sendAll(ctx, t, t.table.Name)
	case keep:
		return nil
	}
	table, from := t.table, quote(changeName(t.table.Name))
	if t.result.Inserted > 0 {
		err := l.apply(ctx, t, t.result.Inserted, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s d WHERE d.%s = %c",
			quote(table.Name), list(names(table.Columns), ""), list(names(table.Columns), "d."), from, opColumn, opInsert))
		if mysqldb.Number(err) == mysqldb.Duplicate {
			return changedMeanwhile(t, err.Error())
		}
		if err := l.explainOrphan(ctx, t, err); err != nil {
			return err
		}
	}
	if t.result.Updated == 0 {
		return nil
	}
	var set []string
	for _, c := range table.updated() {
		set = append(set, fmt.Sprintf("t.%s = d.%s", quote(c.Name), quote(c.Name)))
	}
	err := l.apply(ctx, t, t.result.Updated, fmt.Sprintf("UPDATE %s d STRAIGHT_JOIN %s t ON %s SET %s WHERE d.%s = %c",
		from, quote(table.Name), on(table.Key, "d", "t"), strings.Join(set, ", "), opColumn, opUpdate))
	return l.explainOrphan(ctx, t, err)
}

func (l *loader) explainOrphan(ctx context.Context, t *tableLoad, err error) error {
	if !slices.Contains(mysqldb.ParentMissing, mysqldb.Number(err)) {
		return err
	}
	return l.orphan(ctx, t, changeName(t.table.Name), fmt.Sprintf("p.%s <> %c", opColumn, opDelete), err)
}

// restage turns a table that was to be filled straight from the stream into one that is staged.
func (l *loader) restage(ctx context.Context, t *tableLoad) error {
	t.way = differ
	if err := l.stage(ctx, t); err != nil {
		return err
	}
	return l.difference(ctx, t)
}

// remove deletes the rows of a table that its snapshot no longer has.
func (l *loader) remove(ctx context.Context, t *tableLoad) error {
	if t.way == keep || t.way == fill || t.result.Deleted == 0 {
		return nil
	}
	table := t.table
	err := l.apply(ctx, t, t.result.Deleted, fmt.Sprintf("DELETE t FROM %s d STRAIGHT_JOIN %s t ON %s WHERE d.%s = %c",
		quote(changeName(table.Name)), quote(table.Name), on(table.Key, "d", "t"), opColumn, opDelete))
	if slices.Contains(mysqldb.ParentReferenced, mysqldb.Number(err)) {
		return fault.New(fault.Data, "load the tables that refer to it together with it: leave out --tables; a reference from a table of your own needs ON DELETE CASCADE or SET NULL",
			fmt.Errorf("rows that the snapshot no longer has are still referred to: %w", err))
	}
	return err
}

func (l *loader) exec(ctx context.Context, query string, args ...any) error {
	_, err := l.conn.ExecContext(ctx, query, args...)
	return err
}
