package udw

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/clock"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Metadata is a row of raw/udw/unizin_metadata: a fact about the warehouse's copy.
type Metadata struct {
	Key       string    `parquet:"key,dict" doc:"name of the fact, such as canvasdatadate or schemaversion"`
	Value     string    `parquet:"value,dict" doc:"the fact; canvasdatadate is when the copy was made"`
	FetchedAt time.Time `parquet:"fetched_at,timestamp(microsecond)" doc:"when the row was read from the warehouse"`
}

const dataDateKey = "canvasdatadate"

// metadata yields the whole table.
func (w *warehouse) metadata(ctx context.Context) iter.Seq2[Metadata, error] {
	return connected(ctx, w, func(conn *session) iter.Seq2[Metadata, error] {
		return func(yield func(Metadata, error) bool) {
			rows, err := w.readMetadata(ctx, conn)
			if err == nil {
				err = w.noteAge(ctx, rows)
			}
			if err != nil {
				yield(Metadata{}, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	})
}

func (w *warehouse) noteAge(ctx context.Context, rows []Metadata) error {
	asOf, err := dataDateOf(rows)
	if err != nil {
		return err
	}
	tally.Of(ctx).AsOf(asOf)
	tally.Of(ctx).Check(w.checkAge(asOf))
	return nil
}

// checkAge compares the date of the warehouse's copy with the clock. It never stops a run: an old copy is
// better than none.
func (w *warehouse) checkAge(asOf time.Time) lake.Check {
	age := w.now().Sub(asOf)
	c := lake.Check{Name: "warehouse_age", Warning: true, Detail: fmt.Sprintf("the warehouse's copy of Canvas is of %s UTC", asOf.Format(time.DateTime))}
	switch {
	case age > w.maxAge:
		c.Detail += fmt.Sprintf(", %d hours old; QUALITY.max_warehouse_hours is %d", int(age.Hours()), int(w.maxAge.Hours()))
	case age < -clock.Tolerance:
		c.Detail += ", which is in the future"
	default:
		c.Passed = true
	}
	return c
}

// readMetadata reads the table, which has a handful of rows.
func (w *warehouse) readMetadata(ctx context.Context, conn *session) ([]Metadata, error) {
	at := w.now().UTC().Truncate(time.Microsecond)
	sql := "SELECT key, value FROM " + w.table("unizin_metadata") + " WHERE key IS NOT NULL AND value IS NOT NULL ORDER BY key"
	var all []Metadata
	for row, err := range query(ctx, w, conn, sql, func(rows *record) (Metadata, error) {
		m := Metadata{FetchedAt: at}
		err := rows.Scan(&m.Key, &m.Value)
		return m, err
	}) {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

// dataDate returns when the warehouse's copy of Canvas was made.
func (w *warehouse) dataDate(ctx context.Context, conn *session) (time.Time, error) {
	rows, err := w.readMetadata(ctx, conn)
	if err != nil {
		return time.Time{}, err
	}
	return dataDateOf(rows)
}

func dataDateOf(rows []Metadata) (time.Time, error) {
	const hint = "unizin_metadata must say under canvasdatadate when the copy was made: ask Unizin what has changed"
	for _, m := range rows {
		if m.Key != dataDateKey {
			continue
		}
		at, err := parseDataDate(m.Value)
		return at, fault.New(fault.Data, hint, err)
	}
	return time.Time{}, fault.New(fault.Data, hint, fmt.Errorf("warehouse: unizin_metadata has no row %s", dataDateKey))
}

// parseDataDate reads a time with or without a fraction, offset and T. Without an offset it is in UTC.
func parseDataDate(text string) (time.Time, error) {
	clean := strings.Replace(strings.TrimSpace(text), " ", "T", 1)
	clean = strings.ReplaceAll(clean, " ", "")
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, clean); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("warehouse: canvasdatadate %.40q is no time", text)
}
