package catalog

import "github.com/tl-its-umich-edu/course-inventory/lake"

// RuleOf returns how the dates of an incremental table come together.
func RuleOf(t lake.Table) (hour, owner string, ownedBy lake.Table) {
	r := ruleOf(t)
	return r.hour, r.owner, r.ownedBy
}
