package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/transform"
)

var heading = regexp.MustCompile(`(?m)^#+ (.*)$`)

func headings(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	inside := false
	for line := range strings.Lines(read(t, path)) {
		if strings.HasPrefix(line, "```") {
			inside = !inside
		}
		if m := heading.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil && !inside {
			all = append(all, m[1])
		}
	}
	return all
}

// TestRunbook looks for a section about every exit code and every gate. A section may be about all gates with the same end
// of their names, such as `…_length`.
func TestRunbook(t *testing.T) {
	sections := headings(t, "../../docs/runbook.md")
	var codes []int
	for class := range fault.Class(256) {
		if class != fault.OK && (class.String() != fault.Defect.String() || class == fault.Defect) {
			codes = append(codes, int(class))
		}
	}
	if len(codes) < 8 {
		t.Fatalf("only the exit codes %v", codes)
	}
	has := func(prefix string) bool {
		for _, s := range sections {
			if strings.HasPrefix(s, prefix) {
				return true
			}
		}
		return false
	}
	for _, code := range codes {
		if !has(fmt.Sprintf("Exit status %d", code)) {
			t.Errorf("the runbook has no section about exit status %d", code)
		}
	}
	for _, set := range transform.Sets() {
		for _, gate := range set.Gates() {
			end := gate[strings.LastIndexByte(gate, '_'):]
			if !has("`"+gate+"`") && !has("`…"+end+"`") {
				t.Errorf("the runbook has no section about the gate %s of %s", gate, set.Name)
			}
		}
	}
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	notInIDs = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns the ids that GitHub gives the headings of a page.
func anchors(t *testing.T, path string) map[string]bool {
	all := map[string]bool{}
	for _, h := range headings(t, path) {
		all[strings.ReplaceAll(notInIDs.ReplaceAllString(strings.ToLower(h), ""), " ", "-")] = true
	}
	return all
}

// TestLinks follows the links of all pages to files and headings of the repository.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, page := range append(pages, "../../README.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(m[1], "://") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
				continue
			}
			if anchor != "" && strings.HasSuffix(path, ".md") && !anchors(t, path)[anchor] {
				t.Errorf("%s: %s leads to no heading", page, m[1])
			}
		}
	}
}
