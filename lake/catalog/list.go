package catalog

import (
	"context"
	"fmt"
	"maps"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// listers is how many tables are listed at once.
const listers = 8

// date is a date of a table.
type date struct {
	table lake.Table
	date  lake.Date
}

// newest is the manifest with the highest number.
type newest struct {
	key    string
	number int
	size   int64 // bytes
}

// listing tells the newest manifest of every date of every table.
type listing map[date]newest

func (n listing) add(o lake.Object) {
	p := lake.PlaceOf(o.Key)
	at := date{p.Table, p.Date}
	if p.Kind == lake.ManifestObject && p.Number > n[at].number {
		n[at] = newest{o.Key, p.Number, o.Bytes}
	}
}

// listLake lists the manifests of the lake, table by table.
func listLake(ctx context.Context, l *lake.Lake) (listing, error) {
	tables, err := tables(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	all := listing{}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(listers)
	for _, table := range tables {
		group.Go(func() error {
			one := listing{}
			if err := listTable(ctx, l, table, one.add); err != nil {
				return fmt.Errorf("list %s: %w", table, err)
			}
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(all, one)
			return nil
		})
	}
	return all, group.Wait()
}

// listTable calls f for every manifest of a table, and perhaps for other objects.
func listTable(ctx context.Context, l *lake.Lake, table string, f func(lake.Object)) error {
	if l.Dir() == "" {
		return l.Walk(ctx, table, f) // pages of a thousand objects
	}
	// On disk every directory costs; those of the runs need not be opened.
	dates, err := l.List(ctx, table, func(lake.Object) {})
	for _, name := range dates {
		if err != nil {
			break
		}
		_, err = l.List(ctx, table+name+"/", f)
	}
	return err
}

// tables returns the folders of all tables, each with a slash at its end.
func tables(ctx context.Context, l *lake.Lake) ([]string, error) {
	below := func(folder string) ([]string, error) {
		names, err := l.List(ctx, folder, func(lake.Object) {})
		for i, name := range names {
			names[i] = folder + name + "/"
		}
		return names, err
	}
	all, err := below("curated/")
	if err != nil {
		return nil, err
	}
	sources, err := below("raw/")
	for _, source := range sources {
		if err != nil {
			break
		}
		var tables []string
		tables, err = below(source)
		all = append(all, tables...)
	}
	return all, err
}
