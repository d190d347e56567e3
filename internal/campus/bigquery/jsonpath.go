package bigquery

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// step is a key, or an index where key is empty.
type step struct {
	key   string
	index int
}

// parsePath reads a JSONPath such as $.a.b[0]. Keys with odd characters are written ['a']
// or ["a"] for the older functions (JSON_EXTRACT, JSON_EXTRACT_SCALAR), ."a" for the newer.
func parsePath(path string, older bool) ([]step, bool) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, false
	}
	var steps []step
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, `."`):
			if older {
				return nil, false
			}
			end := strings.IndexByte(rest[2:], '"')
			if end < 0 {
				return nil, false
			}
			steps, rest = append(steps, step{key: rest[2 : 2+end]}), rest[3+end:]
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			if end == 0 {
				return nil, false
			}
			steps, rest = append(steps, step{key: rest[1 : 1+end]}), rest[1+end:]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 2 {
				return nil, false
			}
			inner := rest[1:end]
			if q := inner[0]; q == '\'' || q == '"' {
				if !older || len(inner) < 2 || inner[len(inner)-1] != q {
					return nil, false
				}
				steps = append(steps, step{key: inner[1 : len(inner)-1]})
			} else {
				n, err := strconv.Atoi(inner)
				if err != nil {
					return nil, false
				}
				steps = append(steps, step{index: n})
			}
			rest = rest[end+1:]
		default:
			return nil, false
		}
	}
	return steps, true
}

// extract returns what stands at a path of a JSON text: for scalars only text, numbers
// and booleans, as text; else everything, as JSON. Broken JSON has nothing anywhere.
func extract(text string, steps []step, scalar bool) any {
	raw := []byte(text)
	if !json.Valid(raw) {
		return nil
	}
	at := bytes.TrimSpace(raw)
	for _, s := range steps {
		if at = descend(at, s); at == nil {
			return nil
		}
	}
	switch {
	case at[0] == 'n':
		return nil
	case !scalar:
		return string(at)
	case at[0] == '{' || at[0] == '[':
		return nil
	case at[0] == '"':
		return unquote(at)
	}
	return string(at)
}

// descend returns the value behind one step of a valid value, or nil. Of equal keys the
// first counts.
func descend(value []byte, s step) []byte {
	object := value[0] == '{'
	if !object && (value[0] != '[' || s.key != "") {
		return nil
	}
	rest := bytes.TrimLeft(value[1:], blanks)
	for i := 0; rest[0] != '}' && rest[0] != ']'; i++ {
		found := i == s.index
		if object {
			end := skip(rest)
			found = unquote(rest[:end]) == s.key
			rest = bytes.TrimLeft(bytes.TrimLeft(rest[end:], blanks)[1:], blanks) // the colon
		}
		end := skip(rest)
		if found {
			return rest[:end]
		}
		rest = bytes.TrimLeft(rest[end:], blanks)
		if rest[0] == ',' {
			rest = bytes.TrimLeft(rest[1:], blanks)
		}
	}
	return nil
}

const blanks = " \t\r\n"

// skip returns the length of the valid value that b begins with.
func skip(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i // a number that ends its list or object
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return len(b)
}

// unquote returns the text of a valid string.
func unquote(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b[1 : len(b)-1])
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return ""
	}
	return s
}
