package campus

import (
	"bytes"
	"encoding/json"
	"regexp"
)

var idKey = regexp.MustCompile(`(^|_)ids?$`)

// stringIDs turns the numbers under every key that names an id into strings, for clients
// that ask for it in their Accept header.
func stringIDs(body []byte) []byte {
	var v any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return body
	}
	out, err := json.Marshal(stringify(v, false))
	if err != nil {
		return body
	}
	return out
}

func stringify(v any, id bool) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			v[k] = stringify(member, idKey.MatchString(k))
		}
	case []any:
		for k, member := range v {
			v[k] = stringify(member, id)
		}
	case json.Number:
		if id {
			return v.String()
		}
	}
	return v
}
