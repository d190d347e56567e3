package bigquery

import (
	"slices"
	"strings"
	"time"
)

// parser compiles one query. Its methods panic with a *problem.
type parser struct {
	query  string
	tokens []token
	at     int
	params map[string]param
	now    time.Time
	st     *statement
	alias  string
}

// param is a value given with the query.
type param struct {
	kind  kind
	value any
}

// parse compiles a query. find returns the table of a full or partial name.
func parse(query string, params map[string]param, now time.Time, find func(name string) (*table, error)) (st *statement, err error) {
	tokens, err := lex(query)
	if err != nil {
		return nil, err
	}
	p := &parser{query: query, tokens: tokens, params: params, now: now, st: &statement{limit: -1, scanned: map[string]int64{}}}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *problem:
			st, err = nil, e
		default:
			panic(e)
		}
	}()
	p.from(find)
	p.selectStatement()
	return p.st, nil
}

// fail refuses the query at the current token.
func (p *parser) fail(format string, args ...any) {
	e := invalid(format, args...)
	e.message += " at " + place(p.query, p.tokens[p.at].pos)
	panic(e)
}

func (p *parser) unexpected(want string) {
	p.fail("Syntax error: Expected %s but got %q", want, p.tokens[p.at].text)
}

// is tells whether the next token is a word or sign.
func (p *parser) is(word string) bool {
	t := p.tokens[p.at]
	return t.kind == word || t.kind == "name" && strings.EqualFold(t.text, word)
}

// accept skips words if they are next.
func (p *parser) accept(words ...string) bool {
	start := p.at
	for _, w := range words {
		if !p.is(w) {
			p.at = start
			return false
		}
		p.at++
	}
	return true
}

func (p *parser) expect(word string) {
	if !p.accept(word) {
		p.unexpected(word)
	}
}

// identifier reads a name, quoted or not.
func (p *parser) identifier() string {
	t := p.tokens[p.at]
	if t.kind != "name" && t.kind != "quoted" {
		p.unexpected("identifier")
	}
	p.at++
	return t.text
}

// tableName reads a name of one to three parts; the project's may hold dashes.
func (p *parser) tableName() string {
	name := p.identifier()
	for {
		switch {
		case p.accept("."):
			name += "." + p.identifier()
		case p.accept("-"):
			name += "-" + p.identifier()
		default:
			return name
		}
	}
}

// from finds the table before the rest is read, because expressions need its columns.
func (p *parser) from(find func(string) (*table, error)) {
	if !p.is("SELECT") {
		p.fail("Syntax error: The simulation knows only SELECT statements, not %q", p.tokens[0].text)
	}
	depth := 0
	for i, t := range p.tokens {
		switch {
		case t.kind == "(":
			depth++
		case t.kind == ")":
			depth--
		case depth == 0 && t.kind == "name" && strings.EqualFold(t.text, "FROM"):
			p.at = i + 1
			name := p.tableName()
			tab, err := find(name)
			if err != nil {
				panic(err)
			}
			p.st.table = tab
			p.alias = tab.name
			if p.accept("AS") || p.tokens[p.at].kind == "name" && !slices.ContainsFunc([]string{"WHERE", "GROUP", "ORDER", "LIMIT"}, p.is) {
				p.alias = p.identifier()
			}
			return
		}
	}
	p.fail("Syntax error: The simulation needs a FROM clause")
}

func (p *parser) selectStatement() {
	st := p.st
	p.at = 0
	p.expect("SELECT")
	for {
		p.item()
		if !p.accept(",") || p.is("FROM") {
			break
		}
	}
	p.expect("FROM")
	p.tableName()
	if p.accept("AS") || strings.EqualFold(p.tokens[p.at].text, p.alias) {
		p.at++
	}
	if p.accept("WHERE") {
		e := p.demand(p.expression(), kBool)
		if e.agg {
			p.fail("Aggregate function is not allowed in WHERE clause")
		}
		st.where = &e
	}
	if p.accept("GROUP", "BY") {
		st.grouped = true
		st.groups = p.outputs(func(e expr) {})
	}
	if p.accept("ORDER", "BY") {
		p.outputs(func(e expr) {
			down := p.accept("DESC")
			if !down {
				p.accept("ASC")
			}
			st.orders = append(st.orders, order{e, down})
		})
	}
	if p.accept("LIMIT") {
		st.limit = p.count()
		if p.accept("OFFSET") {
			st.offset = p.count()
		}
	}
	p.accept(";")
	if !p.is("end") {
		p.unexpected("end of input")
	}
	p.checkGroups()
}
