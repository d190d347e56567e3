package campus

import (
	"errors"
	"slices"
	"strconv"

	"github.com/graphql-go/graphql"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// resolveCourse finds a course; one that is missing is null, without an error.
func resolveCourse(p graphql.ResolveParams) (any, error) {
	g := callOf(p)
	text, _ := p.Args["id"].(string)
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || g.hit(faultNull, p.Info.Path) || slices.Contains(g.opts.NullCourses, id) {
		return nil, nil
	}
	i, found := g.day.University().Find(id)
	if !found || g.day.State(i) == university.StateDeleted {
		return nil, nil
	}
	return courseRef{i}, nil
}

func resolveEnrollments(p graphql.ResolveParams) (any, error) {
	g, c := callOf(p), p.Source.(courseRef)
	if g.hidesRoster(c.index) || g.hit(faultNoList, p.Info.Path) {
		return nil, nil
	}
	all := g.day.Enrollments(c.index)
	if f, given := p.Args["filter"].(map[string]any); given {
		all = slices.DeleteFunc(all, func(e university.Enrollment) bool {
			return !allows(f["states"], e.State) || !allows(f["types"], e.Type)
		})
	}
	if g.hostile && scramble(uint64(g.day.University().ID(c.index)))%3 != 0 {
		all = shuffled(all, p.Args)
	}
	rows := make([]row, len(all))
	for k, e := range all {
		rows[k] = row{Enrollment: e, course: c.index}
	}
	page := pageOf(rows, p.Args)
	if g.hit(faultPartial, p.Info.Path) {
		if len(page.rows) == 0 || g.call.victim%2 == 0 {
			return nil, errors.New("Internal Server Error") //nolint:staticcheck // the words of the server
		}
		page.rows[g.victimOf(len(page.rows))].bad = true
	}
	return page, nil
}

// allows says whether an optional list of wanted values has v.
func allows(wanted any, v string) bool {
	list, given := wanted.([]any)
	return !given || slices.Contains(list, any(v))
}

func resolveUsers(p graphql.ResolveParams) (any, error) {
	g, c := callOf(p), p.Source.(courseRef)
	if g.hidesRoster(c.index) {
		return nil, nil
	}
	return pageOf(distinctUsers(g.day.Enrollments(c.index)), p.Args), nil
}

func resolveSections(p graphql.ResolveParams) (any, error) {
	g, c := callOf(p), p.Source.(courseRef)
	var refs []sectionRef
	for _, s := range g.day.Sections(c.index) {
		refs = append(refs, sectionRef{c.index, s})
	}
	return pageOf(refs, p.Args), nil
}

// pageInfo is where a page stands in its list.
type pageInfo struct {
	next, previous bool
	end, start     any // cursors; nil on an empty page
}

func (c *connection[T]) info() pageInfo {
	i := pageInfo{next: c.offset+len(c.rows) < c.total, previous: c.offset > 0}
	if n := len(c.rows); n > 0 {
		i.start, i.end = cursor(c.offset+1), cursor(c.offset+n)
	}
	return i
}

var pageInfoType = graphql.NewObject(graphql.ObjectConfig{Name: "PageInfo", Fields: graphql.Fields{
	"endCursor":       on(graphql.String, func(_ *graphqlCall, i pageInfo) any { return i.end }),
	"startCursor":     on(graphql.String, func(_ *graphqlCall, i pageInfo) any { return i.start }),
	"hasNextPage":     on(graphql.NewNonNull(graphql.Boolean), func(_ *graphqlCall, i pageInfo) any { return i.next }),
	"hasPreviousPage": on(graphql.NewNonNull(graphql.Boolean), func(_ *graphqlCall, i pageInfo) any { return i.previous }),
}})

// connectionType makes the connection of a node type whose values are T in this program.
func connectionType[T any](name string, node *graphql.Object) *graphql.Object {
	type edge struct {
		cursor string
		node   T
	}
	edgeType := graphql.NewObject(graphql.ObjectConfig{Name: name + "Edge", Fields: graphql.Fields{
		"cursor": on(graphql.NewNonNull(graphql.String), func(_ *graphqlCall, e edge) any { return e.cursor }),
		"node":   on(node, func(_ *graphqlCall, e edge) any { return e.node }),
	}})
	return graphql.NewObject(graphql.ObjectConfig{Name: name + "Connection", Fields: graphql.Fields{
		"nodes": on(graphql.NewList(node), func(_ *graphqlCall, c *connection[T]) any { return c.rows }),
		"edges": on(graphql.NewList(edgeType), func(_ *graphqlCall, c *connection[T]) any {
			edges := make([]edge, len(c.rows))
			for k, r := range c.rows {
				edges[k] = edge{cursor(c.offset + k + 1), r}
			}
			return edges
		}),
		"pageInfo": on(graphql.NewNonNull(pageInfoType), func(_ *graphqlCall, c *connection[T]) any { return c.info() }),
	}})
}
