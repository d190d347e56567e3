package campus

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/graphql-go/graphql/language/ast"
	"github.com/graphql-go/graphql/language/lexer"
	"github.com/graphql-go/graphql/language/source"
)

// Canvas' limits on queries.
const (
	defaultConnection = 20
	maxConnection     = 100
	maxAliases        = 20
	maxDepth          = 15
	maxComplexity     = 375_000
	maxTokens         = 5_000
)

// measured is the size of a query.
type measured struct {
	top         []string // response keys of the top level
	aliases     int
	depth       int
	complexity  int
	connections int
}

// measure works out the size of the operation that will run. A connection costs its page
// size times what one row costs; every other field costs one.
func measure(doc *ast.Document, operation string, variables map[string]any) measured {
	fragments := map[string]*ast.FragmentDefinition{}
	var op *ast.OperationDefinition
	for _, d := range doc.Definitions {
		switch d := d.(type) {
		case *ast.FragmentDefinition:
			fragments[d.Name.Value] = d
		case *ast.OperationDefinition:
			if op == nil || operation != "" && d.Name != nil && d.Name.Value == operation {
				op = d
			}
		}
	}
	var m measured
	if op == nil {
		return m
	}
	var cost func(set *ast.SelectionSet, depth int) int
	cost = func(set *ast.SelectionSet, depth int) int {
		sum := 0
		walkFields(set, fragments, func(f *ast.Field) {
			m.depth = max(m.depth, depth)
			if f.Alias != nil {
				m.aliases++
			}
			inner := cost(f.SelectionSet, depth+1)
			if strings.HasSuffix(f.Name.Value, "Connection") {
				m.connections++
				inner *= pageSize(f, variables)
			}
			sum += 1 + inner
		})
		return sum
	}
	m.complexity = cost(op.SelectionSet, 1)
	walkFields(op.SelectionSet, fragments, func(f *ast.Field) { m.top = append(m.top, responseKey(f)) })
	return m
}

func responseKey(f *ast.Field) string {
	if f.Alias != nil {
		return f.Alias.Value
	}
	return f.Name.Value
}

func pageSize(f *ast.Field, variables map[string]any) int {
	for _, a := range f.Arguments {
		if a.Name.Value != "first" {
			continue
		}
		switch v := a.Value.(type) {
		case *ast.IntValue:
			if n, err := strconv.Atoi(v.Value); err == nil {
				return min(max(n, 0), maxConnection)
			}
		case *ast.Variable:
			if n, found := variables[v.Name.Value].(int64); found {
				return int(min(max(n, 0), maxConnection))
			}
		}
	}
	return defaultConnection
}

// complaints returns the messages about limits that the query exceeds. The number of
// fields at the top counts like aliases: who asks for 21 courses needs 21 names.
func (m measured) complaints() []string {
	var out []string
	if n := max(m.aliases, len(m.top)); n > maxAliases {
		out = append(out, fmt.Sprintf("Query has %d aliases, which exceeds max aliases of %d", n, maxAliases))
	}
	if m.depth > maxDepth {
		out = append(out, fmt.Sprintf("Query has depth of %d, which exceeds max depth of %d", m.depth, maxDepth))
	}
	if m.complexity > maxComplexity {
		out = append(out, fmt.Sprintf("Query has complexity of %d, which exceeds max complexity of %d", m.complexity, maxComplexity))
	}
	return out
}

// tooManyTokens says whether a query has more tokens than Canvas reads. Text that is no
// GraphQL at all is left to the parser.
func tooManyTokens(query string) bool {
	next := lexer.Lex(source.NewSource(&source.Source{Body: []byte(query)}))
	for n := 0; n <= maxTokens; n++ {
		if t, err := next(0); err != nil || t.Kind == lexer.EOF {
			return false
		}
	}
	return true
}

// cursor is the opaque form of an offset.
func cursor(offset int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(offset)))
}

// readCursor returns the offset in a cursor; 0 for an empty or unreadable one.
func readCursor(s string) int {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return 0
	}
	return max(n, 0)
}
