package lake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/quantity"
	"github.com/tl-its-umich-edu/course-inventory/lake/internal/store"
)

// ErrNotFound reports that the lake has no snapshot of a table and date. Test with errors.Is.
var ErrNotFound = errors.New("no such snapshot")

// ErrNewerFormat reports that a manifest was written by a later version of this program. Test with errors.Is.
var ErrNewerFormat = errors.New("a later version of this program wrote it")

// Find returns the newest snapshot of a table and date, or an error that is [ErrNotFound].
func (l *Lake) Find(ctx context.Context, t Table, d Date) (Snapshot, error) {
	s, err := l.find(ctx, t, d)
	if errors.Is(err, errAbsent) {
		err = l.notFound(ctx, t, d)
	}
	return s, err
}

// errAbsent is what find says of a date without any manifest. Telling what dates there are instead takes more calls.
var errAbsent = fmt.Errorf("no manifest: %w", ErrNotFound)

func (l *Lake) find(ctx context.Context, t Table, d Date) (Snapshot, error) {
	number, err := l.newest(ctx, t, d)
	if err != nil {
		return Snapshot{}, err
	}
	if number == 0 {
		return Snapshot{}, errAbsent
	}
	s, err := l.Manifest(ctx, t.manifestKey(d, number))
	if err == nil && s.Removed {
		return Snapshot{}, removedError(s)
	}
	return s, err
}

// Before returns the newest snapshot of the newest date before d, or an error that is [ErrNotFound].
func (l *Lake) Before(ctx context.Context, t Table, d Date) (Snapshot, error) {
	dates, err := l.dates(ctx, t)
	if err != nil {
		return Snapshot{}, err
	}
	for _, date := range slices.Backward(dates) {
		if !date.Before(d) {
			continue
		}
		s, err := l.find(ctx, t, date)
		if !errors.Is(err, ErrNotFound) { // a date may have parts but no manifest
			return s, err
		}
	}
	return Snapshot{}, fmt.Errorf("%s before %s: %w", t, d, ErrNotFound)
}

// After returns the newest snapshot of each date after d, oldest date first.
func (l *Lake) After(ctx context.Context, t Table, d Date) ([]Snapshot, error) {
	dates, err := l.dates(ctx, t)
	if err != nil {
		return nil, err
	}
	var after []Snapshot
	for _, date := range dates {
		if !d.Before(date) {
			continue
		}
		switch s, err := l.find(ctx, t, date); {
		case err == nil:
			after = append(after, s)
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return after, nil
}

// Dates returns the dates for which the table has a snapshot, in order.
func (l *Lake) Dates(ctx context.Context, t Table) ([]Date, error) {
	highest := map[Date]int{}
	// All objects in few calls, rather than a call for each date.
	err := l.Walk(ctx, string(t)+"/", func(o Object) {
		if p := PlaceOf(o.Key); p.Kind == ManifestObject && p.Table == t {
			highest[p.Date] = max(highest[p.Date], p.Number)
		}
	})
	if err != nil {
		return nil, err
	}
	var committed []Date
	for _, d := range slices.SortedFunc(maps.Keys(highest), Date.Compare) {
		removed, err := l.isRemoved(ctx, t, d, highest[d])
		if err != nil {
			return nil, err
		}
		if !removed {
			committed = append(committed, d)
		}
	}
	return committed, nil
}

// Manifest reads a manifest by its key.
func (l *Lake) Manifest(ctx context.Context, key string) (Snapshot, error) {
	data, err := l.read(ctx, key)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Path: key}
	if !utf8.Valid(data) { // which decoding would pass over
		return Snapshot{}, damaged(key, errors.New("it is not UTF-8"))
	}
	if err := json.Unmarshal(data, &s.Manifest); err != nil {
		return Snapshot{}, damaged(key, err)
	}
	for _, c := range s.Columns {
		if c.Name == "" || c.Type == "" {
			return Snapshot{}, damaged(key, fmt.Errorf("its column %q has the type %q", c.Name, c.Type))
		}
	}
	if s.FormatVersion > FormatVersion {
		return Snapshot{}, fault.New(fault.Data, "use the newer version of this program that wrote it, or a later one",
			fmt.Errorf("manifest %s has format version %d, this program knows up to %d: %w", key, s.FormatVersion, FormatVersion, ErrNewerFormat))
	}
	if s.Table.manifestKey(s.Date, s.Number) != key {
		return Snapshot{}, damaged(key, fmt.Errorf("it says it is number %d of %s for %s", s.Number, s.Table, s.Date))
	}
	sum := sha256.Sum256(data)
	s.SHA256 = hex.EncodeToString(sum[:])
	return s, nil
}

// newest returns the highest manifest number of a table and date, 0 if there is none.
func (l *Lake) newest(ctx context.Context, t Table, d Date) (int, error) {
	highest := 0
	err := l.list(ctx, t.dir(d), func(name string, e store.Entry) {
		if !e.Dir {
			highest = max(highest, manifestNumber(name))
		}
	})
	return highest, err
}

// dates returns the dates that the table has a directory for, in order.
func (l *Lake) dates(ctx context.Context, t Table) ([]Date, error) {
	var dates []Date
	err := l.list(ctx, string(t)+"/", func(name string, e store.Entry) {
		if d, err := ParseDate(strings.TrimPrefix(name, "dt=")); err == nil && e.Dir {
			dates = append(dates, d)
		}
	})
	slices.SortFunc(dates, Date.Compare)
	return dates, err
}

func (l *Lake) notFound(ctx context.Context, t Table, d Date) error {
	hint := "the lake has no date of this table yet: run the stage that makes it"
	if dates, err := l.Dates(ctx, t); err == nil && len(dates) > 0 {
		hint = fmt.Sprintf("the lake has %s of it, from %s to %s: choose one of them, or run the stage that makes it", quantity.Of(len(dates), "date"), dates[0], dates[len(dates)-1])
	}
	return fault.New(fault.Unavailable, hint, fmt.Errorf("%s for %s: %w", t, d, ErrNotFound))
}
