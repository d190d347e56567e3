package lake

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// What is written for people and other programs beside the tables, and read back by none of the stages.
const (
	reportArea  = "_reports/"
	lineageArea = "_lineage/"

	lineageSuffix = ".ndjson"
)

// PutReport writes a page of the area _reports/, replacing what was there.
func (l *Lake) PutReport(ctx context.Context, name string, data []byte) error {
	return l.put(ctx, reportArea+name, data)
}

// Report returns a page of the area _reports/, or an error that is [ErrNotFound].
func (l *Lake) Report(ctx context.Context, name string) ([]byte, error) {
	return l.derived(ctx, reportArea+name, "run `course-inventory report` to make it")
}

// PutLineage writes the lineage events of a run, replacing what was there.
func (l *Lake) PutLineage(ctx context.Context, id RunID, data []byte) error {
	return l.put(ctx, lineageKey(id), data)
}

// Lineage returns the lineage events of a run, or an error that is [ErrNotFound].
func (l *Lake) Lineage(ctx context.Context, id RunID) ([]byte, error) {
	return l.derived(ctx, lineageKey(id), "set LINEAGE.lake to keep the events of later runs")
}

func lineageKey(id RunID) string { return lineageArea + string(id) + lineageSuffix }

func (l *Lake) derived(ctx context.Context, key, remedy string) ([]byte, error) {
	data, err := l.store.Read(ctx, key)
	if store.Missing(err) {
		return nil, fault.New(fault.Unavailable, remedy, fmt.Errorf("lake object %s: %w", key, ErrNotFound))
	}
	return data, storeError(key, err)
}
