package campus

import (
	"sync"

	"github.com/graphql-go/graphql"
	"github.com/graphql-go/graphql/gqlerrors"
	"github.com/graphql-go/graphql/language/ast"
	"github.com/graphql-go/graphql/language/parser"
)

// queries remembers queries that were found valid: checking one takes longer than many
// a query itself.
type queries struct {
	mu    sync.Mutex
	valid map[string]*ast.Document
}

// maxQueries is how many are remembered.
const maxQueries = 200

// read parses and checks a query. Documents are shared and never changed.
func (q *queries) read(schema *graphql.Schema, text string) (*ast.Document, []gqlerrors.FormattedError) {
	q.mu.Lock()
	doc, known := q.valid[text]
	q.mu.Unlock()
	if known {
		return doc, nil
	}
	doc, err := parser.Parse(parser.ParseParams{Source: text})
	if err != nil {
		return nil, gqlerrors.FormatErrors(err)
	}
	if v := graphql.ValidateDocument(schema, doc, nil); !v.IsValid {
		return nil, v.Errors[:min(len(v.Errors), 100)]
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.valid) >= maxQueries || q.valid == nil {
		q.valid = map[string]*ast.Document{}
	}
	q.valid[text] = doc
	return doc, nil
}
