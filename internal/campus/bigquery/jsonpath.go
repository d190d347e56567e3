package bigquery

import (
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
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil
	}
	for _, s := range steps {
		switch in := v.(type) {
		case map[string]any:
			v = in[s.key]
		case []any:
			if s.key != "" || s.index < 0 || s.index >= len(in) {
				return nil
			}
			v = in[s.index]
		default:
			return nil
		}
	}
	if !scalar {
		if v == nil {
			return nil
		}
		out, err := json.Marshal(v)
		if err != nil {
			return nil
		}
		return string(out)
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return nil
}
