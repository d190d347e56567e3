package catalog

import (
	"bytes"
	"context"
	"fmt"
	"maps"

	"github.com/parquet-go/parquet-go"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// Rebuild brings both objects of the catalog up to date and returns it. Afresh reads every manifest again.
//
// Manifests that cannot be used do not keep the rest from being shown; they are the catalog's Problems.
func Rebuild(ctx context.Context, l *lake.Lake, afresh bool) (*Catalog, error) {
	place, err := PlaceOf(l)
	if err != nil {
		return nil, err
	}
	var known entries
	if !afresh {
		if known, err = index(ctx, l); err != nil {
			return nil, err
		}
	}
	found, err := listLake(ctx, l)
	if err != nil {
		return nil, err
	}
	for {
		c, err := read(ctx, l, found, known)
		if err != nil {
			return nil, err
		}
		if err := c.write(ctx, l, place); err != nil {
			return nil, fmt.Errorf("write the catalog: %w", err)
		}
		// What was committed since the listing, and what another rebuild wrote before us and knew of it, shows now.
		again, err := listLake(ctx, l)
		if err != nil {
			return nil, err
		}
		if maps.Equal(found, again) {
			return c, nil
		}
		found, known = again, c.entries
	}
}

// write writes catalog.sql last: it is never newer than the index.
func (c *Catalog) write(ctx context.Context, l *lake.Lake, place string) error {
	files, err := c.entries.encode()
	if err != nil {
		return err
	}
	if c.emptyDates() {
		if err := putEmpty(ctx, l); err != nil {
			return err
		}
	}
	if err := l.PutCatalog(ctx, filesName, files); err != nil {
		return err
	}
	return l.PutCatalog(ctx, sqlName, []byte(c.SQL(place)))
}

// emptyDates tells whether a snapshot has no files.
func (c *Catalog) emptyDates() bool {
	for _, s := range c.Snapshots {
		if len(s.Files) == 0 {
			return true
		}
	}
	return false
}

// putEmpty writes the file without rows that stands for a snapshot without files.
func putEmpty(ctx context.Context, l *lake.Lake) error {
	var out bytes.Buffer
	w := parquet.NewGenericWriter[struct {
		Nothing bool `parquet:"nothing"`
	}](&out)
	if err := w.Close(); err != nil {
		return err
	}
	return l.PutCatalog(ctx, "empty.parquet", out.Bytes())
}
