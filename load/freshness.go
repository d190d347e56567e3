package load

import (
	"context"
	"fmt"
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

// sources follows the snapshots' inputs down to the raw tables and returns, for each source of the job
// that is met, the oldest time that its raw tables were current.
func sources(ctx context.Context, lk *lake.Lake, w jobSnapshots) ([]Freshness, error) {
	walk := walk{lake: lk, date: w.date, seen: map[string]bool{}, oldest: map[string]time.Time{}}
	for _, s := range w.tables {
		if err := walk.inputs(ctx, s.lake); err != nil {
			return nil, fmt.Errorf("inputs of %s: %w", s.lake.Path, err)
		}
	}
	var found []Freshness
	for _, s := range w.job.Sources {
		if asOf, ok := walk.oldest[s.Name]; ok {
			found = append(found, Freshness{DataSource: s.DataSource, AsOf: asOf.UTC().Truncate(time.Second)})
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
