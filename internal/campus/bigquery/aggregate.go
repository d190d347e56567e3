package bigquery

// aggregate is one aggregate call of a query.
type aggregate struct {
	name     string // COUNT, MIN, MAX or ANY_VALUE
	arg      *expr  // nil: COUNT(*)
	distinct bool
}

// aggregate reads the argument of an aggregate function; its value comes from the scope.
func (p *parser) aggregate(name string) expr {
	a := aggregate{name: name}
	k := kInt
	if name == "COUNT" && p.accept("*") {
		p.expect(")")
	} else {
		a.distinct = p.accept("DISTINCT")
		arg := p.expression()
		if arg.agg {
			p.fail("Aggregations of aggregations are not allowed")
		}
		p.expect(")")
		a.arg = &arg
		if name != "COUNT" {
			k = arg.kind
		}
	}
	slot := len(p.st.aggs)
	p.st.aggs = append(p.st.aggs, a)
	return expr{kind: k, agg: true, eval: func(s *scope) any { return s.aggs[slot] }}
}

// tally is the state of one aggregate in one group.
type tally struct {
	count int64
	value any
	seen  map[any]bool
}

func (t *tally) add(a aggregate, s *scope) {
	if a.arg == nil {
		t.count++
		return
	}
	v := a.arg.eval(s)
	if v == nil {
		return
	}
	if a.distinct {
		if t.seen == nil {
			t.seen = map[any]bool{}
		}
		if t.seen[v] {
			return
		}
		t.seen[v] = true
	}
	t.count++
	if t.value == nil || a.name == "MIN" && compare(v, t.value) < 0 || a.name == "MAX" && compare(v, t.value) > 0 {
		t.value = v
	}
}

func (t *tally) result(a aggregate) any {
	if a.name == "COUNT" {
		return t.count
	}
	return t.value
}
