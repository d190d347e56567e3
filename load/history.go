package load

import (
	"context"
	"fmt"
	"time"
)

// writeHistory adds what the transaction did to job_run, data_source_status and load_record.
func (l *loader) writeHistory(ctx context.Context, done *JobLoad, started time.Time, loads []*tableLoad) error {
	now := l.Now().UTC().Truncate(time.Second)
	res, err := l.conn.ExecContext(ctx, "INSERT INTO job_run (job_name, started_at, finished_at) VALUES (?, ?, ?)",
		done.Job, started.UTC().Truncate(time.Second), now)
	if err != nil {
		return fmt.Errorf("write job_run: %w", err)
	}
	if done.JobRunID, err = res.LastInsertId(); err != nil {
		return fmt.Errorf("write job_run: %w", err)
	}
	if err := l.forgetFuture(ctx); err != nil {
		return fmt.Errorf("write data_source_status: %w", err)
	}
	for _, s := range done.Sources {
		if err := l.exec(ctx, "INSERT INTO data_source_status (data_source_name, data_updated_at, job_run_id) VALUES (?, ?, ?)",
			s.DataSource, s.AsOf, done.JobRunID); err != nil {
			return fmt.Errorf("write data_source_status: %w", err)
		}
	}
	for _, t := range loads {
		if err := l.remember(ctx, done, t, now); err != nil {
			return fmt.Errorf("write load_record: %w", err)
		}
	}
	return nil
}
