package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Holding is a snapshot that a table of the database holds.
type Holding struct {
	Table    string    `json:"table"`
	Date     lake.Date `json:"dt"`
	Manifest string    `json:"manifest"`        // path in the lake
	SHA256   string    `json:"manifest_sha256"` // of its bytes
	Rows     int64     `json:"rows"`            // of the snapshot
	LoadedAt time.Time `json:"loaded_at"`
}

// Held returns what the tables hold by the loads' own record, each table's oldest date first. A database that no load has
// filled holds nothing. It changes nothing.
func Held(ctx context.Context, db config.Database) (held []Holding, err error) {
	err = onPool(ctx, db, DefaultSilence, func(ctx context.Context, pool *sql.DB) error {
		held, err = readHeld(ctx, pool)
		return err
	})
	return held, err
}

func readHeld(ctx context.Context, pool *sql.DB) ([]Holding, error) {
	var there bool
	if err := pool.QueryRowContext(ctx, "SELECT COUNT(*) > 0 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'load_record'").Scan(&there); err != nil || !there {
		return nil, err
	}
	rows, err := pool.QueryContext(ctx, "SELECT table_name, dt, manifest_path, manifest_sha256, row_count, loaded_at FROM load_record ORDER BY table_name, dt")
	if err != nil {
		return nil, fmt.Errorf("read load_record: %w", err)
	}
	defer rows.Close()
	return scanHeld(rows)
}

func scanHeld(rows *sql.Rows) ([]Holding, error) {
	var held []Holding
	for rows.Next() {
		var h Holding
		var dt time.Time
		if err := rows.Scan(&h.Table, &dt, &h.Manifest, &h.SHA256, &h.Rows, &h.LoadedAt); err != nil {
			return nil, fmt.Errorf("read load_record: %w", err)
		}
		h.Date = lake.DateOf(dt)
		held = append(held, h)
	}
	return held, rows.Err()
}
