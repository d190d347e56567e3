package config

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/hjson/hjson-go/v4"
)

// notKeys are comments, and texts in quotes with what tells whether they are keys.
var notKeys = regexp.MustCompile(`(?s)'''.*?'''|/\*.*?\*/|#[^\n]*|//[^\n]*|"(?:\\.|[^"\\\n])*"\s*:?|'(?:\\.|[^'\\\n])*'\s*:?`)

// linesOf returns the lines of a file's keys, counted from 1, by their dotted paths. The parser tells none, but the order of the keys:
// each is looked for after the one before.
func linesOf(root node, text []byte) map[string]int {
	var tree *hjson.OrderedMap
	if err := hjson.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &tree); err != nil {
		return nil
	}
	text = notKeys.ReplaceAllFunc(text, func(found []byte) []byte {
		if bytes.HasSuffix(found, []byte(":")) && (found[0] == '"' || found[0] == '\'') {
			return found
		}
		return bytes.Repeat([]byte("\n"), bytes.Count(found, []byte("\n")))
	})
	lines, at := map[string]int{}, 0
	var visit func(tree *hjson.OrderedMap, path []string)
	visit = func(tree *hjson.OrderedMap, path []string) {
		for _, key := range tree.Keys {
			here := append(path[:len(path):len(path)], key)
			begins := regexp.MustCompile(`(?:^|[\n{,])\s*["']?(` + regexp.QuoteMeta(key) + `)["']?\s*:`)
			if found := begins.FindSubmatchIndex(text[at:]); found != nil {
				lines[dotted(root, here)] = 1 + bytes.Count(text[:at+found[2]], []byte("\n"))
				at += found[1]
			}
			if below, ok := tree.Map[key].(*hjson.OrderedMap); ok {
				visit(below, here)
			}
		}
	}
	visit(tree, nil)
	return lines
}

// lineOf returns the line of a key, or of the key whose list holds an item; 0 if it is not known.
func lineOf(lines map[string]int, path string) int {
	key, _, _ := strings.Cut(path, "[")
	return lines[key]
}
