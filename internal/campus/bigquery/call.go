package bigquery

import (
	"slices"
	"strings"
	"time"
)

// function is a function of the dialect: what it takes and what it makes of values that
// are not NULL. The last kind may be left out if optional is set.
type function struct {
	takes    []kind
	optional bool
	gives    kind
	f        func([]any) any
}

// call reads a function call. SAFE. in front turns its errors into NULL.
func (p *parser) call() expr {
	safe := p.accept("SAFE", ".")
	name := strings.ToUpper(p.identifier())
	p.expect("(")
	e := p.special(name)
	if !safe {
		return e
	}
	inner := e.eval
	e.fails = false
	e.eval = func(s *scope) (v any) {
		defer func() {
			if _, bad := recover().(*problem); bad {
				v = nil
			}
		}()
		return inner(s)
	}
	return e
}

// special reads calls with a grammar of their own; the others take a list of arguments.
func (p *parser) special(name string) expr {
	switch name {
	case "CAST", "SAFE_CAST":
		return p.cast(name == "SAFE_CAST")
	case "COUNT", "MIN", "MAX", "ANY_VALUE":
		return p.aggregate(name)
	case "COALESCE", "IFNULL", "IF", "NULLIF":
		return p.choice(name)
	case "CURRENT_TIMESTAMP", "CURRENT_DATE":
		p.expect(")")
		if name == "CURRENT_DATE" {
			return value(kDate, p.now.Truncate(24*time.Hour))
		}
		return value(kTimestamp, p.now.Truncate(time.Microsecond))
	case "TIMESTAMP_ADD", "TIMESTAMP_SUB", "DATE_ADD", "DATE_SUB":
		return p.shift(name)
	case "TIMESTAMP_TRUNC":
		return p.trunc()
	case "TIMESTAMP", "DATE", "DATETIME":
		e := p.expression()
		p.expect(")")
		return p.converted(e, kind(name), false)
	}
	f, ok := functions[name]
	if !ok {
		p.at -= 2
		p.fail("Function not found: %s (in this simulation)", name)
	}
	var args []expr
	for !p.accept(")") {
		if len(args) > 0 {
			p.expect(",")
		}
		if len(args) == len(f.takes) {
			p.fail("Number of arguments does not match for function %s", name)
		}
		args = append(args, p.demand(p.expression(), f.takes[len(args)]))
	}
	if len(args) < len(f.takes) && !(f.optional && len(args) == len(f.takes)-1) {
		p.fail("Number of arguments does not match for function %s", name)
	}
	if strings.HasPrefix(name, "JSON_") {
		return p.json(name, args)
	}
	e := p.strict(f.gives, f.f, args...)
	e.fails = e.fails || strings.HasPrefix(name, "REGEXP_") || name == "FORMAT_TIMESTAMP"
	return e
}

// json compiles the path of a JSON function once.
func (p *parser) json(name string, args []expr) expr {
	path := "$"
	if len(args) == 2 {
		if !args[1].constant {
			p.fail("JSONPath must be a string literal or query parameter")
		}
		path, _ = args[1].eval(&scope{}).(string)
	}
	steps, ok := parsePath(path, strings.HasPrefix(name, "JSON_EXTRACT"))
	if !ok {
		p.fail("Invalid JSONPath: %s", path)
	}
	scalar := name == "JSON_EXTRACT_SCALAR" || name == "JSON_VALUE"
	return p.strict(kString, func(v []any) any { return extract(v[0].(string), steps, scalar) }, args[0])
}

func (p *parser) cast(safe bool) expr {
	e := p.expression()
	p.expect("AS")
	to := kind(strings.ToUpper(p.identifier()))
	if to == "INTEGER" {
		to = kInt
	}
	p.expect(")")
	if !slices.Contains([]kind{kString, kInt, kFloat, kBool, kTimestamp, kDatetime, kDate}, to) {
		p.fail("Type not found: %s (in this simulation)", to)
	}
	return p.converted(e, to, safe)
}

// converted turns an expression into another kind, value by value.
func (p *parser) converted(e expr, to kind, safe bool) expr {
	from := e.kind
	out := p.strict(to, func(v []any) any {
		c, ok := convert(v[0], from, to)
		if !ok && !safe {
			panic(invalid("Bad %s value: %s", strings.ToLower(string(to)), cellText(v[0], from, asText)))
		}
		if !ok {
			return nil
		}
		return c
	}, e)
	out.partition, out.fails = e.partition, out.fails || !safe
	return out
}

// choice reads the functions that pick one of their arguments.
func (p *parser) choice(name string) expr {
	var args []expr
	for !p.accept(")") {
		if len(args) > 0 {
			p.expect(",")
		}
		args = append(args, p.expression())
	}
	if len(args) == 0 || name == "IF" && len(args) != 3 || (name == "IFNULL" || name == "NULLIF") && len(args) != 2 {
		p.fail("Number of arguments does not match for function %s", name)
	}
	picks := args
	if name == "IF" {
		args[0] = p.demand(args[0], kBool)
		picks = args[1:]
	}
	k := kNull
	for _, e := range picks {
		if k == kNull {
			k = e.kind
		}
	}
	for i := range picks {
		picks[i] = p.demand(picks[i], k)
	}
	return p.combine(k, func(s *scope) any {
		switch name {
		case "IF":
			if args[0].eval(s) == true {
				return args[1].eval(s)
			}
			return args[2].eval(s)
		case "NULLIF":
			a, b := args[0].eval(s), args[1].eval(s)
			if a != nil && b != nil && compare(a, b) == 0 {
				return nil
			}
			return a
		}
		for _, e := range args {
			if v := e.eval(s); v != nil {
				return v
			}
		}
		return nil
	}, args...)
}
