package upkeep_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tl-its-umich-edu/course-inventory/lake"
	"github.com/tl-its-umich-edu/course-inventory/lake/upkeep"
)

const (
	benchTables = 20
	benchDates  = 1000
)

// years makes a lake of many dates and tables, half raw, half curated. All snapshots have the same file. It does not sync, as a lake does.
func years(b *testing.B) fixture {
	b.Helper()
	f := newFixture(b)
	template := f.commit("curated/template", date("2020-01-01"), 1000)
	data, err := os.ReadFile(f.path(template.Files[0].Path))
	f.check(err)
	f.check(os.RemoveAll(f.path("curated/template")))
	var g errgroup.Group
	g.SetLimit(8)
	for i := range benchTables / 2 {
		g.Go(func() error {
			raw, curated := lake.Raw("canvas", fmt.Sprintf("table%02d", i)), lake.Curated(fmt.Sprintf("table%02d", i))
			for n := range benchDates {
				d := date("2023-01-01").AddDays(n)
				m := template.Manifest
				in, err := f.plain(raw, d, m, data)
				if err != nil {
					return err
				}
				m.Inputs = []lake.Input{in}
				if _, err := f.plain(curated, d, m, data); err != nil {
					return err
				}
			}
			return nil
		})
	}
	f.check(g.Wait())
	return f
}

// plain writes a snapshot as files.
func (f fixture) plain(t lake.Table, d lake.Date, m lake.Manifest, data []byte) (lake.Input, error) {
	dir := fmt.Sprintf("%s/dt=%s/", t, d)
	m.Table, m.Date, m.Run = t, d, runID(morning(d))
	m.Files = []lake.File{{Path: fmt.Sprintf("%srun=%s/part-00000.parquet", dir, m.Run), Bytes: m.Files[0].Bytes, Rows: m.Files[0].Rows, SHA256: m.Files[0].SHA256}}
	text, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(f.path(m.Files[0].Path)), 0o700)
	}
	if err == nil {
		err = os.WriteFile(f.path(m.Files[0].Path), data, 0o600)
	}
	if err == nil {
		err = os.WriteFile(f.path(dir+"_manifest-000001.json"), text, 0o600)
	}
	return lake.Input{Path: dir + "_manifest-000001.json", SHA256: digest(text)}, err
}

// BenchmarkYears is about a lake of 1,000 dates of 20 tables.
func BenchmarkYears(b *testing.B) {
	f := years(b)
	b.Run("ls", func(b *testing.B) {
		for b.Loop() {
			all, err := upkeep.List(b.Context(), f.Lake, nil)
			f.check(err)
			if len(all) != benchTables || all[0].Dates != benchDates {
				b.Fatalf("%d tables", len(all))
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			v, err := upkeep.Verify(b.Context(), f.Lake, upkeep.VerifyOptions{Now: april, Grace: day})
			f.check(err)
			if v.Snapshots != benchTables*benchDates || len(v.Findings) > 0 {
				b.Fatalf("%d snapshots, %d findings", v.Snapshots, len(v.Findings))
			}
		}
	})
	b.Run("gc", func(b *testing.B) {
		for b.Loop() {
			p, err := upkeep.PlanClean(b.Context(), f.Lake, upkeep.CleanOptions{Now: time.Now(), Retention: keepMonth})
			f.check(err)
			if len(p.Expiries) == 0 {
				b.Fatal("nothing expires")
			}
		}
	})
}
