package config

import (
	"fmt"
	"strings"
)

// Redacted returns the configuration in effect by the keys of the file, defaults filled in and
// secrets as stars. Unknown keys are left out: nobody knows whether they are secret.
func (c *Config) Redacted() map[string]any { return c.redacted }

// Shown returns the part of [Config.Redacted] at a dotted path, nil if there is none.
func (c *Config) Shown(path string) any { return valueAt(c.redacted, strings.Split(path, ".")) }

// Origin says where the value at a dotted path comes from when that is not the file: "" otherwise.
func (c *Config) Origin(path string) string { return originOf(c.origins, path) }

// HoldsSecrets reports whether the file itself holds a secret. Others are in files of their own, or in the environment.
func (c *Config) HoldsSecrets() bool {
	holds := false
	theSchema().root.walk(nil, func(path []string, n node) {
		key := strings.Join(path, ".")
		holds = holds || n.secret() && c.given[key] && c.Origin(key) == ""
	})
	return holds
}

func redact(n node, tree map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range tree {
		c := n.child(k)
		switch {
		case c == nil:
		case c.secret():
			out[k] = Secret(fmt.Sprint(v)).String() // of an unexported field fmt would print a Secret itself
		case c.is("object"):
			sub, _ := v.(map[string]any)
			out[k] = redact(c, sub)
		default:
			out[k] = v
		}
	}
	return out
}
