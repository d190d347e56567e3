package config

import (
	"slices"
	"strings"
)

// warnOfVariables tells of environment variables that are named like a key below the top level, as one would guess, and are not read.
func (d *document) warnOfVariables() {
	d.schema.root.walk(nil, func(path []string, n node) {
		if len(path) < 2 || n.is("object") {
			return
		}
		name := strings.Join(path, ".")
		remedy := "set the whole section as JSON in " + path[0] + ", or the key in the file"
		if n.secret() {
			remedy = "name a file that holds it in " + secretVars[name]
		}
		for _, variable := range guesses(path, n) {
			v, set := d.lookup(variable)
			// Kubernetes sets UDW_PORT=tcp://… for a service called udw.
			if set && !strings.HasPrefix(v, "tcp://") && !strings.HasPrefix(v, "udp://") {
				d.warnings = append(d.warnings, Mistake{Path: name, Origin: "environment variable " + variable, Text: "not read: " + remedy})
			}
		}
	})
}

// guesses returns what one could take for the environment variable of a key: it with its section's name before it; as it is if that is
// in upper case; of a secret also its variable without _FILE, and the others with it.
func guesses(path []string, n node) []string {
	key := path[len(path)-1]
	list := []string{strings.ToUpper(strings.Join(path, "_"))}
	if key == strings.ToUpper(key) {
		list = append(list, key)
	}
	if n.secret() {
		read := secretVars[strings.Join(path, ".")]
		for _, name := range slices.Clone(list) {
			list = append(list, name+"_FILE")
		}
		list = append(list, strings.TrimSuffix(read, "_FILE"))
		list = slices.DeleteFunc(list, func(name string) bool { return name == read })
	}
	return unique(list)
}
