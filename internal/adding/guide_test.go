package adding

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of the guide.
type block struct {
	step string // heading of the step
	kind string // new, change, written or data: what the line before says; "" for commands and other text
	path string
	lang string
	text string
}

var (
	heading = regexp.MustCompile(`^## (.*)$`)
	label   = regexp.MustCompile("^\\*\\*`([^`]+)`\\*\\* \\((new|change|written|data)\\)$")
)

// readGuide returns the blocks of a guide in order. Further blocks of changes belong to the file named last.
func readGuide(t *testing.T, name string) []block {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	var b block // the one to come
	inside := false
	for n, line := range strings.Split(string(text), "\n") {
		switch {
		case inside && line == "```":
			inside = false
			if b.kind == "" && b.lang == "diff" || b.kind == "change" && b.lang != "diff" {
				t.Fatalf("%s, line %d: a diff block needs a file to change, and a file to change a diff block", name, n+1)
			}
			blocks = append(blocks, b)
			if b.kind != "change" {
				b.kind, b.path = "", ""
			}
		case inside:
			b.text += line + "\n"
		case strings.HasPrefix(line, "```"):
			inside = true
			b.lang, b.text = strings.TrimPrefix(line, "```"), ""
			if b.lang != "diff" && b.kind == "change" {
				b.kind, b.path = "", ""
			}
		default:
			if m := heading.FindStringSubmatch(line); m != nil {
				b = block{step: m[1]}
			} else if m := label.FindStringSubmatch(line); m != nil {
				b.path, b.kind = m[1], m[2]
			} else if strings.HasPrefix(line, "**`") {
				t.Fatalf("%s, line %d: say (new), (change), (written) or (data) after the file", name, n+1)
			}
		}
	}
	if inside {
		t.Fatalf("%s: the last block does not end", name)
	}
	return blocks
}

// commands returns the commands of the guide that begin with a word, each split into words.
func commands(blocks []block, word string) [][]string {
	var all [][]string
	for _, b := range blocks {
		for line := range strings.Lines(b.text) {
			if b.lang == "sh" && strings.HasPrefix(line, word) {
				all = append(all, strings.Fields(strings.ReplaceAll(line, "'", "")))
			}
		}
	}
	return all
}

// patch makes the change of a diff block in a file's text.
func patch(text string, b block) (string, error) {
	var before, after strings.Builder
	for line := range strings.Lines(b.text) {
		switch line[0] {
		case '+':
			after.WriteString(line[1:])
		case '-':
			before.WriteString(line[1:])
		case ' ':
			before.WriteString(line[1:])
			after.WriteString(line[1:])
		default:
			return "", fmt.Errorf("a line of the block begins with none of +, - and a space: %q", line)
		}
	}
	// Whole lines only: both begin with a line break.
	text, lines := "\n"+text, "\n"+before.String()
	at := strings.Index(text, lines)
	switch {
	case at < 0:
		return "", fmt.Errorf("%s no longer holds these lines:\n%s", b.path, before.String())
	case strings.Contains(text[at+1:], lines):
		return "", fmt.Errorf("%s holds these lines more than once:\n%s", b.path, before.String())
	}
	return text[1:at+1] + after.String() + text[at+len(lines):], nil
}
