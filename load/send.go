package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// sendAll writes all rows of the snapshot into target, an empty table with the columns of the table, or fails.
func (l *loader) sendAll(ctx context.Context, t *tableLoad, target string) error {
	sent, err := l.send(ctx, t, target, t.whole)
	if err != nil {
		return err
	}
	if sent != t.result.Rows {
		return fault.New(fault.Data, "make the date again",
			fmt.Errorf("%d rows arrived, the manifest %s says %d", sent, t.lake.Path, t.result.Rows))
	}
	return nil
}

// send writes the rows of a feed into target and returns their number.
func (l *loader) send(ctx context.Context, t *tableLoad, target string, open opener) (int64, error) {
	progress := func(done int64) { l.Progress(t.table.Name, done, t.result.Rows) }
	var sent int64
	var err error
	if !l.noLocal {
		sent, err = l.infile(ctx, t, target, open, progress)
		var refused *infileRefusal
		if errors.As(err, &refused) {
			l.noLocal = true
			l.Log.WarnContext(ctx, "LOAD DATA LOCAL was refused, so rows are sent by INSERT, which takes longer: set local_infile=ON at the server (SET GLOBAL local_infile=1), and let a proxy before it pass LOAD DATA LOCAL INFILE, to load faster",
				"error", refused.reason)
			if l.inTransaction {
				return 0, err // nobody knows what the refusal did to the transaction: it begins anew
			}
		}
	}
	if l.noLocal {
		sent, err = l.insert(ctx, t, target, open, progress)
	}
	if err != nil {
		return 0, err
	}
	progress(t.result.Rows)
	return sent, nil
}

// infile streams the rows by LOAD DATA LOCAL. That statement turns bad values, duplicate keys and broken
// references into warnings, so a single warning fails it here.
func (l *loader) infile(ctx context.Context, t *tableLoad, target string, open opener, progress func(int64)) (int64, error) {
	f, err := open(ctx)
	if err != nil {
		return 0, err
	}
	defer f.close()
	s := &stream{feed: f, progress: progress}
	res, err := s.loadInto(ctx, l.conn, target)
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return 0, s.err
	}
	if err != nil {
		return 0, fmt.Errorf("stream rows: %w", err)
	}
	if err := l.checkWarnings(ctx, t, open); err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (l *loader) checkWarnings(ctx context.Context, t *tableLoad, open opener) error {
	rows, err := l.conn.QueryContext(ctx, "SHOW WARNINGS LIMIT 1")
	if err != nil {
		return fmt.Errorf("look for warnings: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return fmt.Errorf("look for warnings: %w", err)
		}
		return l.countWarnings(ctx)
	}
	var level, message string
	var code uint16
	if err := rows.Scan(&level, &code, &message); err != nil {
		return fmt.Errorf("look for warnings: %w", err)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	if slices.Contains(mysqldb.ParentMissing, code) {
		return &orphanError{t, message}
	}
	return t.refused(ctx, open, message, 0)
}

// countWarnings fails where the server has warnings that it does not show. How many it keeps, not every user may set.
func (l *loader) countWarnings(ctx context.Context) error {
	var n int
	if err := l.conn.QueryRowContext(ctx, "SHOW COUNT(*) WARNINGS").Scan(&n); err != nil {
		return fmt.Errorf("count warnings: %w", err)
	}
	if n == 0 {
		return nil
	}
	return fault.New(fault.Config, "set max_error_count at the server to its default or higher, and run the same command again, to learn which row it is; nothing was loaded",
		fmt.Errorf("the database warns of %d values and, with max_error_count=0, does not say of which", n))
}
