package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// manifestReaders is how many manifests are read at once.
const manifestReaders = 16

// Catalog is what the manifests of a lake say, as of one listing.
type Catalog struct {
	// Snapshots are the live ones, by table and date: the newest of runs that have committed all that they commit together, as
	// lake.Together chooses them. They lack what planning and DuckDB do not need: inputs, drift, counts, checks and
	// notes. Times are cut to microseconds.
	Snapshots []lake.Snapshot
	// Problems are the manifests that cannot be used, one error each, of class Data. Their dates are not among the Snapshots.
	Problems []error

	entries entries // also of removed dates
}

// Err returns the problems as one error, nil if there are none.
func (c *Catalog) Err() error {
	if len(c.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be used, dates are left out: %w", quantity.Of(len(c.Problems), "manifest"), errors.Join(c.Problems...))
}

// entry is a manifest that is the newest of its date.
type entry struct {
	lake.Snapshot
	size int64 // of the manifest, in bytes
}

type entries map[date]entry

// Load returns the catalog of the lake as it is now. In a bucket it costs a call for every thousand objects of the tables, and one for
// each manifest that the last [Rebuild] did not see.
func Load(ctx context.Context, l *lake.Lake) (*Catalog, error) {
	known, err := index(ctx, l)
	if err != nil {
		return nil, err
	}
	found, err := listLake(ctx, l)
	if err != nil {
		return nil, err
	}
	for {
		c, err := read(ctx, l, found, known)
		if err != nil || len(c.Problems) == 0 {
			return c, err
		}
		// A manifest may have been superseded and cleaned up since the listing.
		again, err := listLake(ctx, l)
		if err != nil || maps.Equal(found, again) {
			return c, err
		}
		found, known = again, c.entries
	}
}

// read makes the catalog of what was found, and reads the manifests that are not known.
func read(ctx context.Context, l *lake.Lake, found listing, known entries) (*Catalog, error) {
	type result struct {
		entry
		err error
	}
	dates := slices.SortedFunc(maps.Keys(found), date.compare)
	results := make([]result, len(dates))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(manifestReaders)
	for i, d := range dates {
		newest := found[d]
		if k, ok := known[d]; ok && k.Number == newest.number && k.size == newest.size {
			results[i].entry = k
			continue
		}
		group.Go(func() error {
			s, err := l.Manifest(groupCtx, newest.key)
			if err == nil {
				err = usable(s)
			}
			if err != nil && fault.ClassOf(err) != fault.Data {
				return err
			}
			results[i] = result{entry{trim(s), newest.size}, err}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	c := &Catalog{entries: entries{}}
	for i, r := range results {
		if r.err != nil {
			c.Problems = append(c.Problems, r.err)
			continue
		}
		c.entries[dates[i]] = r.entry
	}
	if err := c.mend(ctx, l); err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	for _, d := range dates {
		if e, ok := c.entries[d]; ok && !e.Removed {
			c.Snapshots = append(c.Snapshots, e.Snapshot)
		}
	}
	return c, nil
}

// usable reports what keeps a snapshot from being shown in SQL.
func usable(s lake.Snapshot) error {
	var faults []error
	for _, c := range s.Columns {
		if sqlType(c.Type) == "" {
			faults = append(faults, fmt.Errorf("column %q has the unknown type %q", c.Name, c.Type))
		}
	}
	for _, f := range s.Files {
		p := lake.PlaceOf(f.Path)
		if p.Kind != lake.PartObject || p.Table != s.Table || p.Date != s.Date {
			faults = append(faults, fmt.Errorf("file %q is not of its table and date", f.Path))
		}
	}
	for _, name := range append([]string{string(s.Table)}, paths(s.Files)...) {
		if strings.ContainsFunc(name, unicode.IsControl) {
			faults = append(faults, fmt.Errorf("the name %q has control characters", name))
		}
	}
	return fault.New(fault.Data, "restore the manifest from a backup, or make the date again", prefix(s.Path, errors.Join(faults...)))
}

func paths(files []lake.File) []string {
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	return paths
}

func prefix(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("manifest %s: %w", key, err)
}

// trim returns what the index keeps of a snapshot.
func trim(s lake.Snapshot) lake.Snapshot {
	m := s.Manifest
	kept := lake.Manifest{
		FormatVersion: m.FormatVersion, Table: m.Table, Date: m.Date, Number: m.Number, Run: m.Run, ToolVersion: m.ToolVersion,
		SimulatedClock: m.SimulatedClock, Removed: m.Removed, Files: m.Files, Columns: m.Columns, Key: m.Key, Interval: m.Interval, Together: m.Together,
		SourceAsOf: micros(m.SourceAsOf), StartedAt: micros(m.StartedAt), FinishedAt: micros(m.FinishedAt),
	}
	if i := m.Interval; i != nil {
		kept.Interval = &lake.Interval{From: micros(i.From), To: micros(i.To)}
	}
	return lake.Snapshot{Manifest: kept, Path: s.Path, SHA256: s.SHA256}
}

func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// compare orders dates by table first.
func (d date) compare(o date) int {
	return cmp.Or(cmp.Compare(d.table, o.table), d.date.Compare(o.date))
}
