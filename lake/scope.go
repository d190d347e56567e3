package lake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Scope is the part of a source that a snapshot was asked for: the ids that the configuration names, by what they are, such as
// "terms". What is made from a snapshot has its scope, too.
type Scope map[string][]int64

// Lost says which choices no longer hold all that before held, such as "terms changed from 164, 165 to 165", or "" if all do. A
// snapshot of such a scope may well have fewer rows. What only one of the scopes tells of is not compared.
func (s Scope) Lost(before Scope) string {
	var changes []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		now, known := s[name]
		if known && slices.ContainsFunc(before[name], func(id int64) bool { return !slices.Contains(now, id) }) {
			changes = append(changes, fmt.Sprintf("%s changed from %s to %s", name, list(before[name]), list(now)))
		}
	}
	return strings.Join(changes, ", ")
}

// With returns the scope of what is made from snapshots of both scopes.
func (s Scope) With(o Scope) Scope {
	if len(o) == 0 {
		return s
	}
	both := Scope{}
	for _, one := range []Scope{s, o} {
		for name, ids := range one {
			both[name] = append(both[name], ids...)
		}
	}
	for name, ids := range both {
		slices.Sort(ids)
		both[name] = append([]int64{}, slices.Compact(ids)...)
	}
	return both
}

func list(ids []int64) string {
	if len(ids) == 0 {
		return "none"
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprint(id)
	}
	return strings.Join(texts, ", ")
}
