// Package layers tests that the stages know only the lake, and that only transform links DuckDB.
package layers

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/tl-its-umich-edu/course-inventory"

// deps returns the packages that match a pattern of the module and everything they depend on, without tests.
func deps(t *testing.T, pattern string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", pattern)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v", pattern, err)
	}
	all := strings.Fields(string(out))
	if len(all) == 0 {
		t.Fatalf("%s matches no package", pattern)
	}
	return all
}

func TestLayers(t *testing.T) {
	const duckdb = "github.com/duckdb/"
	own := func(folder string) string { return module + "/" + folder }
	for pattern, never := range map[string][]string{
		"./lake/...":                 {own("extract"), own("transform"), own("load"), own("cmd"), duckdb},
		"./config/...":               {own("extract"), own("transform"), own("load"), own("lake"), own("cmd"), duckdb},
		"./extract/...":              {own("transform"), own("load"), own("cmd"), duckdb},
		"./transform/...":            {own("extract"), own("load"), own("cmd")},
		"./load/...":                 {own("transform"), own("extract"), own("cmd"), duckdb},
		"./migrations/...":           {own("transform"), own("extract"), own("load"), own("lake"), duckdb},
		"./internal/campus/...":      {own("transform"), own("extract"), own("load"), own("lake"), duckdb},
		"./cmd/extract-...":          {own("transform"), own("load"), own("internal/localdb"), duckdb},
		"./cmd/load/...":             {own("transform"), own("extract"), own("internal/localdb"), duckdb},
		"./cmd/campus/...":           {own("transform"), own("extract"), own("load"), duckdb},
		"./cmd/transform/...":        {own("extract"), own("load"), own("internal/localdb")},
		"./cmd/course-inventory/...": {own("internal/campus"), own("internal/localdb"), own("internal/demo")},
	} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			for _, dep := range deps(t, pattern) {
				for _, no := range never {
					if dep == no || strings.HasPrefix(dep, strings.TrimSuffix(no, "/")+"/") {
						t.Errorf("depends on %s", dep)
					}
				}
			}
		})
	}
}
