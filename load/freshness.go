package load

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Freshness says when the data of a source was current.
type Freshness struct {
	DataSource string // as in data_source_status
	AsOf       time.Time
}

// sources follows the snapshots' inputs down to the raw tables and returns, for each data source of the job
// that is met, the oldest time that its raw tables were current. Where an incremental table was loaded up to a newer
// date already, it stays as current as it was.
func (l *loader) sources(ctx context.Context, w jobSnapshots) ([]Freshness, error) {
	walk := walk{lake: l.lake, date: w.date, seen: map[string]bool{}, oldest: map[string]time.Time{}}
	late := false
	for _, s := range w.tables {
		if err := walk.inputs(ctx, s.lake); err != nil {
			return nil, fmt.Errorf("inputs of %s: %w", s.lake.Path, err)
		}
		newest, found := l.known.newest(s.table.Name)
		late = late || s.table.incremental() && found && w.date.Before(newest.date)
	}
	var found []Freshness
	for _, s := range w.job.Sources {
		asOf, ok := walk.oldest[s.Name]
		if !ok {
			continue
		}
		f := Freshness{DataSource: s.DataSource, AsOf: asOf.UTC().Truncate(time.Second)}
		if i := slices.IndexFunc(found, func(o Freshness) bool { return o.DataSource == f.DataSource }); i < 0 {
			found = append(found, f)
		} else if f.AsOf.Before(found[i].AsOf) {
			found[i] = f
		}
	}
	if !late {
		return found, nil
	}
	for i := range found {
		var known sql.NullTime
		if err := l.conn.QueryRowContext(ctx, "SELECT MAX(data_updated_at) FROM data_source_status WHERE data_source_name = ?", found[i].DataSource).Scan(&known); err != nil {
			return nil, fmt.Errorf("read data_source_status: %w", err)
		}
		if known.Valid && found[i].AsOf.Before(known.Time) {
			found[i].AsOf = known.Time
		}
	}
	return found, nil
}

type walk struct {
	lake   *lake.Lake
	date   lake.Date
	seen   map[string]bool
	oldest map[string]time.Time // by the name of the extract
}

func (w *walk) inputs(ctx context.Context, s lake.Snapshot) error {
	for _, in := range s.Inputs {
		if w.seen[in.Path] {
			continue
		}
		w.seen[in.Path] = true
		input, err := w.lake.Manifest(ctx, in.Path)
		if err != nil {
			return err
		}
		if input.SHA256 != in.SHA256 {
			return fault.New(fault.Data, "transform the date again", fmt.Errorf("manifest %s is not the one that the table was made from", in.Path))
		}
		// What was remembered from an earlier date (when a course was published) makes today's data no older.
		if input.Date != w.date {
			continue
		}
		if source, ok := extract(input.Table); ok {
			asOf := input.SourceAsOf
			if asOf.IsZero() {
				asOf = input.StartedAt
			}
			if old, ok := w.oldest[source]; !ok || asOf.Before(old) {
				w.oldest[source] = asOf
			}
			continue
		}
		if err := w.inputs(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

// extract returns the name of the extract that writes a raw table.
func extract(t lake.Table) (string, bool) {
	rest, ok := strings.CutPrefix(string(t), "raw/")
	name, _, _ := strings.Cut(rest, "/")
	return name, ok
}
