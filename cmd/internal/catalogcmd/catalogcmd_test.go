package catalogcmd

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// execute runs the command on the lake in a directory and returns what it prints.
func execute(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	p := Programs()[0]
	fs := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	p.Flags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	e := &run.Env{Config: &config.Config{}, Out: &out}
	e.Config.Lake.URL = "file://" + filepath.ToSlash(dir)
	err := p.Run(t.Context(), e)
	return out.String(), err
}

type row struct {
	ID int64 `parquet:"id"`
}

// publish commits a snapshot and returns the name of its manifest's file.
func publish(t *testing.T, dir, date string) string {
	t.Helper()
	l, err := lake.Open(t.Context(), "file://"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	d, err := lake.ParseDate(date)
	if err != nil {
		t.Fatal(err)
	}
	run := lake.NewRunID(d.Time())
	w, err := lake.NewWriter[row](t.Context(), l, lake.Part{Table: lake.Curated("thing"), Date: d, Run: run})
	if err != nil {
		t.Fatal(err)
	}
	f, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	columns, err := lake.ColumnsOf[row]()
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Commit(t.Context(), lake.Manifest{Table: lake.Curated("thing"), Date: d, Run: run, Files: []lake.File{f}, Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, filepath.FromSlash(s.Path))
}

func TestCatalog(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	publish(t, dir, "2026-03-01")
	file := filepath.Join(dir, "_catalog", "catalog.sql")

	printed, err := execute(t, dir, "--print")
	if err != nil || !strings.Contains(printed, "'"+dir+"'") || !strings.Contains(printed, `"curated"."thing_asof"`) {
		t.Errorf("--print: %v\n%s", err, printed)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("--print wrote the catalog")
	}
	out, err := execute(t, dir)
	if want := "file://" + dir + "/_catalog/catalog.sql shows 1 snapshot of 1 table\n"; err != nil || out != want {
		t.Errorf("%q, %v, want %q", out, err, want)
	}
	if written, err := os.ReadFile(file); err != nil || string(written) != printed {
		t.Errorf("written is not what was printed: %v", err)
	}
	elsewhere, err := execute(t, dir, "--print", "--url", "s3://bucket/a")
	if err != nil || elsewhere != strings.Replace(printed, dir, "s3://bucket/a", 1) {
		t.Errorf("--url: %v\n%s", err, elsewhere)
	}
	if _, err := execute(t, dir, "--url", "s3://bucket/a"); fault.ClassOf(err) != fault.Usage {
		t.Errorf("--url alone: %v", err)
	}
	if _, err := execute(t, dir, "--print", "--url", "bucket"); fault.ClassOf(err) != fault.Usage {
		t.Errorf("--url without a scheme: %v", err)
	}

	// A damaged manifest is named, and the rest is shown.
	manifest := publish(t, dir, "2026-03-02")
	if err := os.WriteFile(manifest, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = execute(t, dir, "--afresh")
	if fault.ClassOf(err) != fault.Data || !strings.Contains(err.Error(), "dt=2026-03-02/_manifest-000001.json") || fault.HintOf(err) == "" || !strings.Contains(out, "shows 1 snapshot of 1 table") {
		t.Errorf("%q, %v", out, err)
	}
}
