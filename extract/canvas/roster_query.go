package canvas

import (
	"fmt"
	"strings"
)

func alias(i int) string { return fmt.Sprintf("c%d", i) }

// rosterQuery asks for a batch of pages, and with the first page of a course for the number of its people.
func rosterQuery(batch []*slot, way counting) string {
	var params, fields strings.Builder
	for i, s := range batch {
		count := ""
		switch {
		case s.cursor != "":
		case way == byCourse:
			count = userCount + " "
		case way == bySection:
			count = sectionList + "(first: 100) { nodes { _id " + sectionCount + " } } "
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
