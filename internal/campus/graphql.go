package campus

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/language/ast"

	"github.com/tl-its-umich-edu/course-inventory/internal/campus/university"
)

// callKey holds the *graphqlCall in the context of resolvers.
type callKey struct{}

// graphqlCall is what resolvers know of their request.
type graphqlCall struct {
	*call
	victim string // response key of the field that a fault hits
	opts   *Options
}

// hidesRoster says whether the token may not see who is in a course.
func (g *graphqlCall) hidesRoster(course int) bool {
	return g.rights.NoRoster || g.opts.closed(g.day.University().ID(course))
}

// graphql runs a query. The answer is 200 even where it consists of errors, as in Canvas.
func (c *Campus) graphql(q *call) *reply {
	var in struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	d := json.NewDecoder(bytes.NewReader(q.body))
	d.UseNumber()
	if err := d.Decode(&in); err != nil {
		return jsonReply(http.StatusBadRequest, map[string]any{"errors": []any{map[string]any{"message": "malformed JSON"}}})
	}
	variables, _ := plainNumbers(in.Variables).(map[string]any)
	if tooManyTokens(in.Query) {
		return queryErrors("Query is too large to execute.")
	}
	doc, complaints := c.queries.read(&c.schema, in.Query)
	if complaints != nil {
		return ok(map[string]any{"errors": complaints})
	}
	m := measure(doc, in.OperationName, variables)
	if complaints := m.complaints(); len(complaints) > 0 {
		return queryErrors(complaints...)
	}
	if q.fault == faultTimeout {
		return ok(map[string]any{"errors": []any{map[string]any{"message": "operation timed out"}}, "data": nil})
	}
	g := &graphqlCall{call: q, opts: &c.opts}
	if q.fault != none && len(m.top) > 0 {
		slices.Sort(m.top)
		g.victim = m.top[q.victimOf(len(m.top))]
	}
	result := graphql.Execute(graphql.ExecuteParams{
		Schema: c.schema, AST: doc, OperationName: in.OperationName, Args: variables,
		Context: context.WithValue(q.Context(), callKey{}, g),
	})
	out := map[string]any{"data": result.Data}
	if len(result.Errors) > 0 {
		out["errors"] = result.Errors
	} else if q.fault == faultPartial { // nothing in the query could be hit
		out = map[string]any{"errors": []any{map[string]any{"message": "Internal Server Error"}}, "data": nil}
	}
	rep := ok(out)
	rep.weight = float64(max(1, m.connections))
	return rep
}

func (q *call) victimOf(n int) int { return int(q.victim % uint64(n)) }

// queryErrors answers to a query that is not run.
func queryErrors(messages ...string) *reply {
	var list []any
	for _, m := range messages {
		list = append(list, map[string]any{"message": m})
	}
	return ok(map[string]any{"errors": list})
}

// plainNumbers turns the numbers of decoded JSON into integers of full width where
// they are whole.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	case []any:
		for k := range v {
			v[k] = plainNumbers(v[k])
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// hit says whether the request's fault is k and hits the field at the root of a path.
func (g *graphqlCall) hit(k kind, path *graphql.ResponsePath) bool {
	if g.fault != k {
		return false
	}
	for path.Prev != nil {
		path = path.Prev
	}
	return path.Key == g.victim
}

// callOf returns the request that a resolver works for.
func callOf(p graphql.ResolveParams) *graphqlCall {
	return p.Context.Value(callKey{}).(*graphqlCall)
}

// connection is a page of a list.
type connection[T any] struct {
	rows   []T
	offset int
	total  int
}

// pageOf cuts the page that the arguments first and after ask for.
func pageOf[T any](rows []T, args map[string]any) *connection[T] {
	size := defaultConnection
	if n, given := args["first"].(int); given {
		size = min(max(n, 0), maxConnection)
	}
	cursor, _ := args["after"].(string)
	from := min(readCursor(cursor), len(rows))
	return &connection[T]{rows: rows[from:min(from+size, len(rows))], offset: from, total: len(rows)}
}

// shuffled is what a database without an order makes of later pages: the page begins
// with the row that ended the one before, and leaves out its own first row.
func shuffled(rows []university.Enrollment, args map[string]any) []university.Enrollment {
	cursor, _ := args["after"].(string)
	if from := readCursor(cursor); from > 0 && from < len(rows) {
		rows = slices.Clone(rows)
		rows[from] = rows[from-1]
	}
	return rows
}

// walkFields calls visit for every field of a selection, fragments included.
func walkFields(set *ast.SelectionSet, fragments map[string]*ast.FragmentDefinition, visit func(*ast.Field)) {
	if set == nil {
		return
	}
	for _, s := range set.Selections {
		switch s := s.(type) {
		case *ast.Field:
			visit(s)
		case *ast.InlineFragment:
			walkFields(s.SelectionSet, fragments, visit)
		case *ast.FragmentSpread:
			if f := fragments[s.Name.Value]; f != nil {
				walkFields(f.SelectionSet, fragments, visit)
			}
		}
	}
}
