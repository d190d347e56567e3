package doctorcmd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/cmd/internal/run"
	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// askLake returns what doctor finds about a lake in a directory.
func askLake(t *testing.T, dir string) []Finding {
	t.Helper()
	e := &run.Env{Config: &config.Config{Lake: config.Lake{URL: "file://" + filepath.ToSlash(dir)}}}
	p, err := admitLake(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	g := &group{name: "lake"}
	for _, q := range p.Questions {
		g.ask(t.Context(), q)
	}
	return g.findings
}

// TestAbsentLake makes the lake's directory as a run would, and leaves nothing of it.
func TestAbsentLake(t *testing.T) {
	top := t.TempDir()
	found := askLake(t, filepath.Join(top, "data", "lake"))
	if len(found) != 2 || found[0].Result != good || found[1].Result != warning {
		t.Errorf("findings %+v", found)
	}
	if left, err := os.ReadDir(top); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	found = askLake(t, "/proc/course-inventory/lake")
	if f := found[0]; f.Result != failed || f.Class != fault.Config.String() && f.Class != fault.Permission.String() || f.Remedy == "" {
		t.Errorf("where nothing can be made: %+v", f)
	}
}
