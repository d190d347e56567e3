package config

import (
	"strings"
)

// Default is the origin of a value that nobody gave.
const Default = "default"

// Value is a value in effect.
type Value struct {
	Key   string `json:"key"` // with dots between its parts
	Value any    `json:"value"`
	From  string `json:"from"` // the file, a file of its own, an environment variable, or Default
}

// Values returns all values in effect in the order of their keys, secrets as stars.
func (c *Config) Values() []Value {
	var all []Value
	theSchema().root.walk(nil, func(path []string, n node) {
		if n.is("object") {
			return
		}
		value := valueAt(c.redacted, path)
		if value == nil {
			return
		}
		key := strings.Join(path, ".")
		from := c.Origin(key)
		switch {
		case from != "":
		case c.given[key]:
			from = c.Path
		default:
			from = Default
		}
		all = append(all, Value{key, value, from})
	})
	return all
}

// givenIn returns the keys that have a value in a tree without its defaults.
func givenIn(root node, tree map[string]any) map[string]bool {
	given := map[string]bool{}
	root.walk(nil, func(path []string, n node) {
		if !n.is("object") && valueAt(tree, path) != nil {
			given[strings.Join(path, ".")] = true
		}
	})
	return given
}
