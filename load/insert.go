package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

const (
	insertRows  = 1000
	insertBytes = 4 << 20
	maxMarks    = 65_535 // placeholders in a statement
)

// insert writes the rows by INSERT, many per statement.
func (l *loader) insert(ctx context.Context, t *tableLoad, target string, open opener, progress func(int64)) (int64, error) {
	f, err := open(ctx)
	if err != nil {
		return 0, err
	}
	defer f.close()
	var packet int
	if err := l.conn.QueryRowContext(ctx, "SELECT @@max_allowed_packet").Scan(&packet); err != nil {
		return 0, fmt.Errorf("ask for the packet size: %w", err)
	}
	width := len(f.columns())
	head := fmt.Sprintf("INSERT INTO %s (%s) VALUES ", quote(target), list(f.columns(), ""))
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	most := max(1, min(insertRows, maxMarks/width, (packet/2-len(head))/(len(row)+1)))
	room := min(insertBytes, packet/2)
	full, err := l.conn.PrepareContext(ctx, head+row+strings.Repeat(","+row, most-1))
	if err != nil {
		return 0, fmt.Errorf("insert rows: %w", err)
	}
	defer func() { _ = full.Close() }()

	var sent int64
	args := make([]any, 0, most*width)
	size := 0
	flush := func() error {
		n := len(args) / width
		var err error
		switch n {
		case 0:
			return nil
		case most:
			_, err = full.ExecContext(ctx, args...)
		default:
			_, err = l.conn.ExecContext(ctx, head+row+strings.Repeat(","+row, n-1), args...)
		}
		var refusal *mysql.MySQLError
		if slices.Contains(mysqldb.ParentMissing, mysqldb.Number(err)) {
			return &orphanError{t, err.Error()}
		}
		if errors.As(err, &refusal) && mysqldb.RefusesValue(err) {
			return t.refused(ctx, open, refusal.Message, sent)
		}
		if err != nil {
			return fmt.Errorf("insert rows: %w", err)
		}
		sent += int64(n)
		args, size = args[:0], 0
		if sent/progressEvery != (sent-int64(n))/progressEvery {
			progress(sent)
		}
		return nil
	}
	for {
		more, err := f.next()
		if err != nil {
			return sent, err
		}
		if !more {
			return sent, flush()
		}
		before := len(args)
		args = f.get(args)
		for _, a := range args[before:] {
			size += 12
			if s, ok := a.(string); ok {
				size += len(s)
			}
		}
		if len(args) == most*width || size > room {
			if err := flush(); err != nil {
				return sent, err
			}
		}
	}
}
