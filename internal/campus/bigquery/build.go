package bigquery

import "strings"

// combine makes an expression of others.
func (p *parser) combine(k kind, eval func(*scope) any, parts ...expr) expr {
	e := expr{kind: k, eval: eval, constant: true}
	for i, part := range parts {
		e.constant = e.constant && part.constant
		e.agg = e.agg || part.agg
		e.plain = e.plain || part.plain
		e.fails = e.fails || part.fails
		if i == 0 {
			e.from = part.from
		}
	}
	e.to = p.at
	return e
}

// strict makes an expression that is NULL if one of its parts is.
func (p *parser) strict(k kind, f func([]any) any, parts ...expr) expr {
	return p.combine(k, func(s *scope) any {
		values := make([]any, len(parts))
		for i, part := range parts {
			if values[i] = part.eval(s); values[i] == nil {
				return nil
			}
		}
		return f(values)
	}, parts...)
}

// coerce turns an expression into another kind where the dialect does so by itself:
// NULL into all, integers into floats, and literals into times.
func (p *parser) coerce(e expr, to kind) (expr, bool) {
	switch {
	case e.kind == to:
		return e, true
	case e.kind == kNull:
		e.kind = to
		return e, true
	case e.kind == kInt && to == kFloat:
		out := p.strict(kFloat, func(v []any) any { return float64(v[0].(int64)) }, e)
		out.from, out.to = e.from, e.to
		return out, true
	case e.literal && (to == kTimestamp || to == kDatetime || to == kDate):
		v, ok := convert(e.eval(&scope{}), kString, to)
		if !ok {
			p.fail("Could not cast literal %q to type %s", e.eval(&scope{}), to)
		}
		out := value(to, v)
		out.from, out.to = e.from, e.to
		return out, true
	}
	return e, false
}

// demand coerces or refuses.
func (p *parser) demand(e expr, to kind) expr {
	out, ok := p.coerce(e, to)
	if !ok {
		p.fail("No matching signature: expected type %s but found %s", to, e.kind)
	}
	return out
}

// same brings two expressions to one kind.
func (p *parser) same(op string, a, b expr) (expr, expr) {
	if out, ok := p.coerce(b, a.kind); ok {
		return a, out
	}
	if out, ok := p.coerce(a, b.kind); ok {
		return out, b
	}
	p.fail("No matching signature for operator %s for argument types: %s, %s", op, a.kind, b.kind)
	return a, b
}

// caseWhen reads CASE WHEN condition THEN value … ELSE value END.
func (p *parser) caseWhen() expr {
	type branch struct{ when, then expr }
	var branches []branch
	parts := []expr{}
	for p.accept("WHEN") {
		w := p.demand(p.expression(), kBool)
		p.expect("THEN")
		t := p.expression()
		branches = append(branches, branch{w, t})
		parts = append(parts, w, t)
	}
	if len(branches) == 0 {
		p.unexpected("WHEN")
	}
	last := value(kNull, nil)
	if p.accept("ELSE") {
		last = p.expression()
	}
	p.expect("END")
	k := kNull
	for _, b := range append(branches, branch{then: last}) {
		if k == kNull {
			k = b.then.kind
		}
	}
	for i := range branches {
		branches[i].then = p.demand(branches[i].then, k)
	}
	last = p.demand(last, k)
	return p.combine(k, func(s *scope) any {
		for _, b := range branches {
			if b.when.eval(s) == true {
				return b.then.eval(s)
			}
		}
		return last.eval(s)
	}, append(parts, last)...)
}

// element reads [OFFSET(n)], [SAFE_OFFSET(n)] or [ORDINAL(n)].
func (p *parser) element(a expr) expr {
	if a.kind != kStrings && a.kind != kInts {
		p.fail("Element access using [] is not supported on values of type %s", a.kind)
	}
	how := strings.ToUpper(p.identifier())
	p.expect("(")
	n := p.demand(p.expression(), kInt)
	p.expect(")")
	p.expect("]")
	if how != "OFFSET" && how != "SAFE_OFFSET" && how != "ORDINAL" && how != "SAFE_ORDINAL" {
		p.fail("The simulation has no array access by %s", how)
	}
	k := kString
	if a.kind == kInts {
		k = kInt
	}
	e := p.strict(k, func(v []any) any {
		i, list := v[1].(int64), v[0].([]any)
		if strings.HasSuffix(how, "ORDINAL") {
			i--
		}
		if i < 0 || i >= int64(len(list)) {
			if strings.HasPrefix(how, "SAFE_") {
				return nil
			}
			panic(invalid("Array index %d is out of bounds", i))
		}
		return list[i]
	}, a, n)
	e.fails = e.fails || !strings.HasPrefix(how, "SAFE_")
	return e
}
