package catalog_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the results into docs/duckdb.md")

const guide = "../../docs/duckdb.md"

// asked is a query of the guide and its result.
var asked = regexp.MustCompile("(?s)```sql\n(.*?)```\n\n```text\n(.*?)```\n")

// TestGuide asks every question of docs/duckdb.md and compares the answers.
func TestGuide(t *testing.T) {
	l := openLake(t, t.TempDir())
	campus(t, l)
	rebuild(t, l)
	d := openDuck(t, l)
	page, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	questions := 0
	answered := asked.ReplaceAllStringFunc(string(page), func(found string) string {
		questions++
		parts := asked.FindStringSubmatch(found)
		lines, err := d.ask(t.Context(), parts[1])
		if err != nil {
			t.Errorf("%s: %v", parts[1], err)
			return found
		}
		got := align(lines)
		if got != parts[2] && !*update {
			t.Errorf("%s\nanswers\n%s\nthe page says\n%s", parts[1], got, parts[2])
		}
		return strings.Replace(found, "```text\n"+parts[2], "```text\n"+got, 1)
	})
	if fences := strings.Count(string(page), "```sql\n"); questions != fences || questions < 10 {
		t.Errorf("%d queries, of which %d have an answer", fences, questions)
	}
	if *update {
		if err := os.WriteFile(guide, []byte(answered), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// align writes rows as a table.
func align(lines []string) string {
	var rows [][]string
	var width []int
	for _, line := range lines {
		cells := strings.Split(line, " | ")
		rows = append(rows, cells)
		for i, c := range cells {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len(c))
		}
	}
	var s strings.Builder
	for n, cells := range rows {
		var line, rule []string
		for i, c := range cells {
			line = append(line, c+strings.Repeat(" ", width[i]-len(c)))
			rule = append(rule, strings.Repeat("-", width[i]))
		}
		s.WriteString(strings.TrimRight(strings.Join(line, "  "), " ") + "\n")
		if n == 0 {
			s.WriteString(strings.Join(rule, "  ") + "\n")
		}
	}
	return s.String()
}
