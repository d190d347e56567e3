package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// record is what load_record says of a table and date.
type record struct {
	date     lake.Date
	path     string // of the manifest in the lake
	sha256   string // of the manifest
	interval *lake.Interval
	rows     int64   // of the snapshot
	sum      *uint64 // of the live rows, see tally; nil where it is not known
}

// records are those of each table, oldest date first. A table that is replaced as a whole has at most one.
type records map[string][]record

// newest returns the record of the newest date.
func (r records) newest(table string) (record, bool) {
	all := r[table]
	if len(all) == 0 {
		return record{}, false
	}
	return all[len(all)-1], true
}

// at returns the record of a date.
func (r records) at(table string, d lake.Date) (record, bool) {
	for _, rec := range r[table] {
		if rec.date == d {
			return rec, true
		}
	}
	return record{}, false
}

// records reads what the tables hold. Before its migrations, as a dry run may meet it, nothing is known.
func (l *loader) records(ctx context.Context) (records, error) {
	there, err := l.exists(ctx, ownerTable)
	if err != nil || !there {
		return nil, err
	}
	sum := "NULL"
	if there, err = l.exists(ctx, keyTable); err != nil {
		return nil, err
	} else if there {
		sum = "row_sum"
	}
	rows, err := l.conn.QueryContext(ctx, "SELECT table_name, dt, manifest_path, manifest_sha256, interval_from, interval_to, row_count, "+sum+" FROM load_record ORDER BY table_name, dt")
	if err != nil {
		return nil, fmt.Errorf("read load_record: %w", err)
	}
	defer rows.Close()
	all := records{}
	for rows.Next() {
		var name string
		var dt time.Time
		var from, to sql.NullTime
		var r record
		if err := rows.Scan(&name, &dt, &r.path, &r.sha256, &from, &to, &r.rows, &r.sum); err != nil {
			return nil, fmt.Errorf("read load_record: %w", err)
		}
		r.date = lake.DateOf(dt)
		if from.Valid && to.Valid {
			r.interval = &lake.Interval{From: from.Time, To: to.Time}
		}
		all[name] = append(all[name], r)
	}
	return all, rows.Err()
}

// remember replaces the record of a table, inside the transaction that replaces its rows.
func (l *loader) remember(ctx context.Context, done *JobLoad, t *tableLoad, now time.Time) error {
	forget, args := "DELETE FROM load_record WHERE table_name = ?", []any{t.table.Name}
	if t.table.incremental() {
		forget, args = forget+" AND dt = ?", append(args, done.Date.String())
	}
	if err := l.exec(ctx, forget, args...); err != nil {
		return err
	}
	if t.withdrawn {
		return l.change(ctx, done, t)
	}
	var from, to any
	if i := t.lake.Interval; i != nil {
		from, to = i.From.UTC(), i.To.UTC()
	}
	var sum any
	if t.tally != nil {
		sum = t.tally.sum
	}
	r := t.result
	if err := l.exec(ctx, `INSERT INTO load_record (table_name, dt, job_name, manifest_path, manifest_sha256, interval_from, interval_to, row_count, row_sum,
		rows_inserted, rows_updated, rows_deleted, loaded_at, job_run_id, run_id, tool_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Name, done.Date.String(), done.Job, t.lake.Path, t.lake.SHA256, from, to, r.Rows, sum,
		r.Inserted, r.Updated, r.Deleted, now, done.JobRunID, string(l.RunID), l.ToolVersion); err != nil {
		return err
	}
	return l.change(ctx, done, t)
}

// change writes down what the load did to the table.
func (l *loader) change(ctx context.Context, done *JobLoad, t *tableLoad) error {
	r := t.result
	return l.exec(ctx, `INSERT INTO load_change (job_run_id, table_name, dt, manifest_path, rows_before, rows_inserted, rows_updated, rows_deleted)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, done.JobRunID, r.Name, done.Date.String(), t.lake.Path, r.Before, r.Inserted, r.Updated, r.Deleted)
}
