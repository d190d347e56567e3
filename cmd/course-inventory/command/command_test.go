package command

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestHelp holds every command to what its help must have, so that the list of commands stays readable.
func TestHelp(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Programs() {
		words := strings.Join(wordsOf(p), " ")
		if !strings.HasPrefix(p.Name, tool+" ") || seen[words] {
			t.Errorf("the command %q is not one of the tool, or there are two", p.Name)
		}
		seen[words] = true
		if !strings.HasPrefix(p.Purpose, words+" ") || !strings.HasSuffix(p.Purpose, ".") {
			t.Errorf("the purpose of %s is no sentence about it: %s", words, p.Purpose)
		}
		if n := len(gist(p)); n > 100 {
			t.Errorf("the first sentence about %s has %d characters: %s", words, n, gist(p))
		}
		if len(p.Examples) == 0 && !p.Bare {
			t.Errorf("%s has no example", words)
		}
		for _, example := range p.Examples {
			if !strings.Contains(example, tool+" "+words) {
				t.Errorf("an example of %s shows something else: %s", words, example)
			}
		}
		p.FlagSet().VisitAll(func(f *flag.Flag) {
			if f.Usage == "" {
				t.Errorf("flag --%s of %s is not explained", f.Name, words)
			}
		})
	}
}

var (
	flagOf    = regexp.MustCompile("--[a-z]+[a-z-]*")
	commandOf = regexp.MustCompile("course-inventory ([a-z][a-z ]*)")
)

// TestGuide finds commands and flags of docs/operate.md that do not exist.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"--help"}
	for _, p := range Programs() {
		p.FlagSet().VisitAll(func(f *flag.Flag) { flags = append(flags, "--"+f.Name) })
	}
	for _, f := range flagOf.FindAllString(string(text), -1) {
		if !slices.Contains(flags, f) {
			t.Errorf("it tells of %s", f)
		}
	}
	for _, m := range commandOf.FindAllStringSubmatch(string(text), -1) {
		if len(topicsBelow(strings.Fields(m[1])[:1])) == 0 {
			t.Errorf("it tells of %q", m[0])
		}
	}
}
