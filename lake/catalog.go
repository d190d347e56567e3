package lake

import (
	"context"
	"fmt"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// Catalog returns an object of the area _catalog/, which is derived from the manifests (see package lake/catalog), or an error that
// is [ErrNotFound].
func (l *Lake) Catalog(ctx context.Context, name string) ([]byte, error) {
	data, err := l.store.Read(ctx, catalogArea+name)
	if store.Missing(err) {
		return nil, fault.New(fault.Unavailable, "rebuild the catalog with `course-inventory lake catalog`", fmt.Errorf("lake object %s: %w", catalogArea+name, ErrNotFound))
	}
	return data, storeError(catalogArea+name, err)
}

// PutCatalog writes an object of the area _catalog/, replacing what was there.
func (l *Lake) PutCatalog(ctx context.Context, name string, data []byte) error {
	return l.put(ctx, catalogArea+name, data)
}
