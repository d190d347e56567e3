package catalog_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/catalog"
)

// years makes a lake of many tables and dates, whose files of a table are one file under many names.
func years(tb testing.TB, dir string, tables, dates int) *lake.Lake {
	tb.Helper()
	l := openLake(tb, dir)
	for i := range tables {
		table := lake.Curated(fmt.Sprintf("thing%02d", i))
		if i < tables/2 {
			table = lake.Raw(fmt.Sprintf("source%d", i%5), fmt.Sprintf("thing%02d", i))
		}
		first := snapshot[thing]{table: table, date: "2024-01-01", key: []string{"id"}}
		for j := range 1000 {
			first.rows = append(first.rows, thing{int64(j), fmt.Sprintf("name %d", j%50)})
		}
		made := publish(tb, l, first)
		group, ctx := errgroup.WithContext(tb.Context())
		group.SetLimit(8)
		for n := 1; n < dates; n++ {
			group.Go(func() error { return again(ctx, l, dir, made.Manifest, day(first.date).AddDays(n)) })
		}
		if err := group.Wait(); err != nil {
			tb.Fatal(err)
		}
	}
	return l
}

// again commits a snapshot's file for another date.
func again(ctx context.Context, l *lake.Lake, dir string, m lake.Manifest, d lake.Date) error {
	f := m.Files[0]
	m.Date, m.Run = d, lake.NewRunID(d.Time())
	m.Files = slices.Clone(m.Files)
	m.Files[0].Path = fmt.Sprintf("%s/dt=%s/run=%s/part-00000.parquet", m.Table, d, m.Run)
	name := filepath.Join(dir, filepath.FromSlash(m.Files[0].Path))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	if err := os.Link(filepath.Join(dir, filepath.FromSlash(f.Path)), name); err != nil {
		return err
	}
	_, err := l.Commit(ctx, m)
	return err
}

// BenchmarkThreeYears works with a thousand dates of twenty tables: it plans a read from the index, and asks DuckDB for a table as of a date
// through the catalog and, for comparison, from a literal list of files.
func BenchmarkThreeYears(b *testing.B) {
	const tables, dates = 20, 1000
	dir := b.TempDir()
	l := years(b, dir, tables, dates)
	began := time.Now()
	rebuild(b, l)
	first := time.Since(began)
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			c, err := catalog.Load(b.Context(), l)
			if err != nil || len(c.Snapshots) != tables*dates {
				b.Fatal(err)
			}
		}
		b.ReportMetric(first.Seconds(), "s/first-rebuild")
		began := time.Now()
		rebuild(b, l)
		b.ReportMetric(time.Since(began).Seconds(), "s/rebuild")
		for _, name := range []string{"catalog.sql", "files.parquet"} {
			data, err := l.Catalog(b.Context(), name)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(data))/1e6, "MB/"+name)
		}
	})
	b.Run("duckdb", func(b *testing.B) { benchmarkQueries(b, l, dir) })
}

func benchmarkQueries(b *testing.B, l *lake.Lake, dir string) {
	began := time.Now()
	d := openDuck(b, l)
	start := time.Since(began)
	s, err := l.Find(b.Context(), lake.Curated("thing15"), day("2025-02-03"))
	if err != nil {
		b.Fatal(err)
	}
	queries := map[string]string{
		"literal":    fmt.Sprintf("SELECT count(name) FROM read_parquet(['%s/%s'])", dir, s.Files[0].Path),
		"asof":       "SELECT count(name) FROM curated.thing15_asof('2025-02-03')",
		"newest":     "SELECT count(name) FROM curated.thing15",
		"all-one-dt": "SELECT count(name) FROM curated.thing15_all WHERE dt = '2025-02-03'",
		"all":        "SELECT count(name) FROM curated.thing15_all",
		"snapshots":  "SELECT count(*) FROM lake.snapshots",
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		for range 9 {
			for name, query := range queries {
				began := time.Now()
				if _, err := d.ask(b.Context(), query); err != nil {
					b.Fatal(err)
				}
				took[name] = append(took[name], time.Since(began))
			}
		}
	}
	b.ReportMetric(start.Seconds(), "s/catalog.sql")
	median := func(name string) float64 {
		slices.Sort(took[name])
		return took[name][len(took[name])/2].Seconds() * 1000
	}
	for name := range queries {
		b.ReportMetric(median(name), "ms/"+name)
	}
	b.ReportMetric(median("asof")/median("literal"), "asof/literal")
}
