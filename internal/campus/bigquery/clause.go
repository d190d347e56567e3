package bigquery

import (
	"slices"
	"strconv"
	"strings"
)

// item reads one column of the result, or all.
func (p *parser) item() {
	if p.accept("*") {
		for _, c := range p.st.table.columns {
			if strings.Contains(c.path, ".") {
				p.fail("The simulation cannot return structs: name their members instead of *")
			}
			p.st.items = append(p.st.items, item{c.path, p.read(c)})
		}
		return
	}
	e := p.expression()
	name := e.name
	if p.accept("AS") || (p.tokens[p.at].kind == "name" || p.tokens[p.at].kind == "quoted") && !p.is("FROM") {
		name = p.identifier()
	}
	if name == "" {
		name = "f" + strconv.Itoa(len(p.st.items)) + "_"
	}
	for _, other := range p.st.items {
		if strings.EqualFold(other.name, name) {
			p.fail("Duplicate column names in the result are not supported. Found duplicate(s): %s", name)
		}
	}
	p.st.items = append(p.st.items, item{name, e})
}

// outputs reads a list of expressions that may be numbers or aliases of result columns.
func (p *parser) outputs(after func(expr)) []expr {
	var out []expr
	for {
		t, next := p.tokens[p.at], p.tokens[p.at+1]
		e, found := expr{}, false
		if t.kind == "number" {
			n, err := strconv.Atoi(t.text)
			if err != nil || n < 1 || n > len(p.st.items) {
				p.fail("ORDER or GROUP BY is out of SELECT column number range: %s", t.text)
			}
			e, found = p.st.items[n-1].expr, true
		} else if (t.kind == "name" || t.kind == "quoted") && next.kind != "." && next.kind != "(" {
			for _, it := range p.st.items {
				if strings.EqualFold(it.name, t.text) {
					e, found = it.expr, true
				}
			}
		}
		if found {
			p.at++
		} else {
			e = p.expression()
		}
		out = append(out, e)
		after(e)
		if !p.accept(",") {
			return out
		}
	}
}

func (p *parser) count() int {
	t := p.tokens[p.at]
	n, err := strconv.Atoi(t.text)
	if t.kind != "number" || err != nil {
		p.unexpected("integer literal")
	}
	p.at++
	return n
}

// checkGroups sees to it that a grouped query returns and orders by nothing else than
// groups and aggregates.
func (p *parser) checkGroups() {
	st := p.st
	st.grouped = st.grouped || len(st.aggs) > 0
	if !st.grouped {
		return
	}
	text := func(e expr) string {
		var b strings.Builder
		for _, t := range p.tokens[e.from:e.to] {
			b.WriteString(strings.ToLower(t.text) + " ")
		}
		return b.String()
	}
	check := func(e expr) {
		if e.constant || e.agg && !e.plain {
			return
		}
		if !slices.ContainsFunc(st.groups, func(g expr) bool { return text(g) == text(e) }) {
			panic(invalid("SELECT list expression references a column which is neither grouped nor aggregated: %s", strings.TrimSpace(text(e))))
		}
	}
	for _, it := range st.items {
		check(it.expr)
	}
	for _, o := range st.orders {
		check(o.expr)
	}
}
