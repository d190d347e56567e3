package canvas

import (
	"fmt"
	"strings"
)

func alias(i int) string { return fmt.Sprintf("c%d", i) }

// rosterQuery asks for a batch of pages, and with the first page of a course for the number of its people.
func rosterQuery(batch []*slot, counted bool) string {
	var params, fields strings.Builder
	for i, s := range batch {
		count := ""
		if counted && s.cursor == "" {
			count = userCount + " "
		}
		fmt.Fprintf(&params, "$c%d: ID!, $after%d: String, ", i, i)
		fmt.Fprintf(&fields, "  c%d: course(id: $c%d) { _id %senrollmentsConnection(first: %d, after: $after%d) {\n"+
			"    nodes { _id state type section { _id name } user { _id } } pageInfo { endCursor hasNextPage } } }\n", i, i, count, pageRows, i)
	}
	return "query Enrollments(" + strings.TrimSuffix(params.String(), ", ") + ") {\n" + fields.String() + "}\n"
}

func rosterVariables(batch []*slot) map[string]*string {
	v := map[string]*string{}
	for i, s := range batch {
		course := id(s.course.ID)
		v[alias(i)] = &course
		if s.cursor != "" {
			v[fmt.Sprintf("after%d", i)] = &s.cursor
		}
	}
	return v
}
