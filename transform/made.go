package transform

import (
	"slices"
	"strings"
)

// MadeFrom returns the names of the sets that are made from tables of the given names, directly or through other sets. What a set
// was before the date does not count.
func MadeFrom(tables []string) []string {
	var made []string
	for _, set := range Sets() {
		if slices.ContainsFunc(set.Inputs, func(in Input) bool {
			schema, table, _ := strings.Cut(in.Name, ".")
			return schema != "previous" && (slices.Contains(tables, table) || slices.Contains(made, table))
		}) {
			made = append(made, set.Name)
		}
	}
	return made
}
