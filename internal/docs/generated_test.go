package docs

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tl-its-umich-edu/course-inventory/internal/localdb/localdbtest"
)

var update = flag.Bool("update", false, "write the generated parts of docs/")

func TestMain(m *testing.M) { localdbtest.Main(m) }

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// generated compares the part of a page that stands between its marks with what it should be, or writes it.
func generated(t *testing.T, path, mark, want string) {
	t.Helper()
	page := read(t, path)
	begin, end := "<!-- generated: "+mark+" -->\n", "<!-- end: "+mark+" -->\n"
	i, j := strings.Index(page, begin), strings.Index(page, end)
	if i < 0 || j < i {
		t.Fatalf("%s has no part between %q and %q", path, begin, end)
	}
	i += len(begin)
	if *update {
		if err := os.WriteFile(path, []byte(page[:i]+want+page[j:]), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(page[i:j], "\n"), strings.Split(want, "\n")); diff != "" {
		t.Errorf("%s is stale, run `go generate ./internal/docs` (-page +code):\n%s", path, diff)
	}
}

// cell makes a text fit into a table of Markdown.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;").Replace(text)
}
