package load

import (
	"context"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// record is what load_record says of a table.
type record struct {
	date   lake.Date
	sha256 string // of the manifest
}

// records reads what the tables hold. Before the first migration, as a dry run may meet it, nothing is known.
func (l *loader) records(ctx context.Context) (map[string]record, error) {
	there, err := l.exists(ctx, "load_record")
	if err != nil || !there {
		return nil, err
	}
	rows, err := l.conn.QueryContext(ctx, "SELECT table_name, dt, manifest_sha256 FROM load_record")
	if err != nil {
		return nil, fmt.Errorf("read load_record: %w", err)
	}
	defer rows.Close()
	records := map[string]record{}
	for rows.Next() {
		var name string
		var dt time.Time
		var r record
		if err := rows.Scan(&name, &dt, &r.sha256); err != nil {
			return nil, fmt.Errorf("read load_record: %w", err)
		}
		r.date = lake.DateOf(dt)
		if old, found := records[name]; !found || old.date.Before(r.date) {
			records[name] = r
		}
	}
	return records, rows.Err()
}

// remember replaces the record of a table, inside the transaction that replaces its rows.
func (l *loader) remember(ctx context.Context, done *JobLoad, t *tableLoad, now time.Time) error {
	if _, err := l.conn.ExecContext(ctx, "DELETE FROM load_record WHERE table_name = ?", t.table.Name); err != nil {
		return err
	}
	_, err := l.conn.ExecContext(ctx, `INSERT INTO load_record (table_name, dt, job_name, manifest_path, manifest_sha256, row_count,
		rows_inserted, rows_updated, rows_deleted, loaded_at, job_run_id, run_id, tool_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.table.Name, done.Date.String(), done.Job, t.lake.Path, t.lake.SHA256, t.result.Rows,
		t.result.Inserted, t.result.Updated, t.result.Deleted, now, done.JobRunID, string(l.RunID), l.ToolVersion)
	return err
}
