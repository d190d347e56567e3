package config

import (
	"fmt"
	"strings"
	"unicode"
)

// trim removes white space around texts, which is never meant: a token with a line break at its end makes every
// request fail. It refuses control characters in secrets, and white space in addresses. No message
// repeats a value.
func (d *document) trim() {
	d.schema.root.walk(nil, func(path []string, n node) {
		parent, ok := valueAt(d.tree, path[:len(path)-1]).(map[string]any)
		if !ok {
			return
		}
		key, at := path[len(path)-1], dotted(d.schema.root, path)
		switch v := parent[key].(type) {
		case string:
			parent[key] = d.trimmed(at, n, v)
		case []any:
			for i, item := range v {
				if text, isText := item.(string); isText {
					v[i] = d.trimmed(fmt.Sprintf("%s[%d]", at, i), n, text)
				}
			}
		}
	})
}

// trimmed returns a text of the configuration without white space around it.
func (d *document) trimmed(path string, n node, text string) string {
	short := strings.TrimFunc(text, blank)
	if short != text {
		d.odd(path, "white space around it was removed")
	}
	key := path[strings.LastIndex(path, ".")+1:]
	switch {
	case n.secret() && strings.ContainsFunc(short, unicode.IsControl):
		d.mistake(path, "holds a control character, such as a line break or a tab: write it anew, on one line")
	case (n["format"] == "uri" || key == "host" || key == "udp_storage_endpoint") && strings.ContainsFunc(short, blank):
		d.mistake(path, "holds white space")
	}
	return short
}

// blank reports whether a character is white space or has no width, as those that come along when a text is copied.
func blank(r rune) bool {
	return unicode.IsSpace(r) || r == '\u200b' || r == '\u2060' || r == '\ufeff'
}
