package bigquery

import (
	"time"
)

// expression reads an expression, OR first.
func (p *parser) expression() expr {
	e := p.and()
	for p.accept("OR") {
		a, b := p.demand(e, kBool), p.demand(p.and(), kBool)
		e = p.combine(kBool, func(s *scope) any { return logic(a.eval(s), b.eval(s), true) }, a, b)
	}
	return e
}

func (p *parser) and() expr {
	e := p.not()
	for p.accept("AND") {
		a, b := p.demand(e, kBool), p.demand(p.not(), kBool)
		e = p.combine(kBool, func(s *scope) any { return logic(a.eval(s), b.eval(s), false) }, a, b)
		e.bounds = append(append([]bound{}, a.bounds...), b.bounds...)
	}
	return e
}

// logic is OR (where true decides) or AND (where false does) of two truths that may be unknown.
func logic(a, b any, decides bool) any {
	if a == decides || b == decides {
		return decides
	}
	if a == nil || b == nil {
		return nil
	}
	return !decides
}

func (p *parser) not() expr {
	if p.accept("NOT") {
		a := p.demand(p.not(), kBool)
		return p.combine(kBool, func(s *scope) any { return negate(a.eval(s)) }, a)
	}
	return p.comparison()
}

func negate(v any) any {
	if b, ok := v.(bool); ok {
		return !b
	}
	return nil
}

func (p *parser) comparison() expr {
	a := p.sum()
	if p.accept("IS") {
		return p.isTest(a)
	}
	negated := p.accept("NOT")
	switch {
	case p.accept("BETWEEN"):
		low := p.sum()
		p.expect("AND")
		high := p.sum()
		from, to := p.compared(">=", a, low), p.compared("<=", a, high)
		e := p.combine(kBool, func(s *scope) any { return logic(from.eval(s), to.eval(s), false) }, from, to)
		e.bounds = append(append([]bound{}, from.bounds...), to.bounds...)
		return p.negated(e, negated)
	case p.accept("IN"):
		return p.negated(p.in(a), negated)
	case p.accept("LIKE"):
		b := p.demand(p.sum(), kString)
		a = p.demand(a, kString)
		return p.negated(p.strict(kBool, func(v []any) any { return like(v[0].(string), v[1].(string)) }, a, b), negated)
	case negated:
		p.unexpected("BETWEEN, IN or LIKE")
	}
	for _, op := range []string{"=", "!=", "<>", "<=", ">=", "<", ">"} {
		if p.tokens[p.at].kind == op {
			p.at++
			return p.compared(op, a, p.sum())
		}
	}
	return a
}

func (p *parser) negated(e expr, yes bool) expr {
	if !yes {
		return e
	}
	return p.combine(kBool, func(s *scope) any { return negate(e.eval(s)) }, e)
}

func (p *parser) isTest(a expr) expr {
	negated := p.accept("NOT")
	var want any
	switch {
	case p.accept("NULL"):
	case p.accept("TRUE"):
		want = true
	case p.accept("FALSE"):
		want = false
	default:
		p.unexpected("NULL, TRUE or FALSE")
	}
	return p.combine(kBool, func(s *scope) any { return (a.eval(s) == want) != negated }, a)
}

// compared compares two expressions and notes what that says about event_time.
func (p *parser) compared(op string, a, b expr) expr {
	a, b = p.same(op, a, b)
	e := p.strict(kBool, func(v []any) any {
		c := compare(v[0], v[1])
		switch op {
		case "=":
			return c == 0
		case "<":
			return c < 0
		case "<=":
			return c <= 0
		case ">":
			return c > 0
		case ">=":
			return c >= 0
		}
		return c != 0
	}, a, b)
	if b.partition && a.constant {
		turned := map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
		e.bounds = boundsOf(turned[op], b, a)
	} else if a.partition && b.constant {
		e.bounds = boundsOf(op, a, b)
	}
	return e
}

// boundsOf says what a comparison of event_time, or its date, with a constant demands.
func boundsOf(op string, column, limit expr) (out []bound) {
	at, ok := limit.eval(&scope{}).(time.Time)
	if !ok {
		return nil
	}
	if op == "=" || op == ">" || op == ">=" {
		out = append(out, bound{at: at})
	}
	if op == "=" || op == "<" || op == "<=" {
		if column.kind == kDate {
			at = at.AddDate(0, 0, 1)
		}
		out = append(out, bound{upper: true, at: at})
	}
	return out
}

func (p *parser) sum() expr {
	e := p.primary()
	for {
		switch {
		case p.accept("||"):
			a, b := p.demand(e, kString), p.demand(p.primary(), kString)
			e = p.strict(kString, func(v []any) any { return v[0].(string) + v[1].(string) }, a, b)
		case p.accept("+"):
			a, b := p.demand(e, kInt), p.demand(p.primary(), kInt)
			e = p.strict(kInt, func(v []any) any { return v[0].(int64) + v[1].(int64) }, a, b)
		case p.accept("-"):
			a, b := p.demand(e, kInt), p.demand(p.primary(), kInt)
			e = p.strict(kInt, func(v []any) any { return v[0].(int64) - v[1].(int64) }, a, b)
		default:
			return e
		}
	}
}
