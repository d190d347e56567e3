package bigquery

import (
	"strconv"
	"strings"
)

// primary reads a literal, parameter, column, call or what stands in parentheses.
func (p *parser) primary() expr {
	start := p.at
	e := p.operand()
	for p.accept("[") {
		e = p.element(e)
	}
	e.from, e.to = start, p.at
	return e
}

func (p *parser) operand() expr {
	t := p.tokens[p.at]
	switch {
	case p.accept("("):
		e := p.expression()
		p.expect(")")
		e.name = ""
		return e
	case t.kind == "text":
		p.at++
		return value(kString, t.text)
	case t.kind == "number" || t.kind == "-" && p.tokens[p.at+1].kind == "number":
		if p.at++; t.kind == "-" {
			t.text += p.tokens[p.at].text
			p.at++
		}
		if n, err := strconv.ParseInt(t.text, 10, 64); err == nil {
			return value(kInt, n)
		}
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			p.fail("Syntax error: Invalid number %s", t.text)
		}
		return value(kFloat, f)
	case t.kind == "param":
		p.at++
		v, ok := p.params[strings.ToLower(t.text)]
		if !ok {
			p.fail("Query parameter '%s' not found", t.text)
		}
		return value(v.kind, v.value)
	case p.accept("NULL"):
		return value(kNull, nil)
	case p.accept("TRUE"):
		return value(kBool, true)
	case p.accept("FALSE"):
		return value(kBool, false)
	case p.accept("CASE"):
		return p.caseWhen()
	case t.kind == "name" && p.tokens[p.at+1].kind == "text":
		return p.typedLiteral()
	case t.kind == "name" && p.tokens[p.at+1].kind == "(", p.is("SAFE") && p.tokens[p.at+1].kind == ".":
		return p.call()
	case t.kind == "name" || t.kind == "quoted":
		return p.columnPath()
	}
	p.unexpected("expression")
	return expr{}
}

// typedLiteral reads TIMESTAMP '…', DATE '…' or DATETIME '…'.
func (p *parser) typedLiteral() expr {
	k := kind(strings.ToUpper(p.identifier()))
	if k != kTimestamp && k != kDate && k != kDatetime {
		p.at--
		p.unexpected("TIMESTAMP, DATETIME or DATE")
	}
	v, ok := convert(p.tokens[p.at].text, kString, k)
	if !ok {
		p.fail("Invalid %s literal", k)
	}
	p.at++
	return value(k, v)
}

func value(k kind, v any) expr {
	return expr{kind: k, eval: func(*scope) any { return v }, constant: true, literal: k == kString}
}

// columnPath reads a column, with the table's alias in front or not.
func (p *parser) columnPath() expr {
	path := p.identifier()
	if strings.EqualFold(path, p.alias) && p.tokens[p.at].kind == "." {
		p.at++
		path = p.identifier()
	}
	for p.accept(".") {
		path += "." + p.identifier()
	}
	c, ok := p.st.table.find(path)
	switch {
	case ok:
		return p.read(c)
	case p.st.table.holds(path):
		p.fail("The simulation cannot return structs: name the members of %s", path)
	default:
		p.at--
		p.fail("Unrecognized name: %s", path)
	}
	return expr{}
}

// read makes an expression of a column and notes that it is scanned.
func (p *parser) read(c column) expr {
	head := c.path[strings.LastIndexByte(c.path, '.')+1:]
	p.st.scanned[c.path] = c.bytes
	eval := func(s *scope) any { return c.of(s.row) }
	if c.path == "event" {
		eval = func(s *scope) any {
			if s.json == "" {
				s.json = s.row.caliper()
			}
			return s.json
		}
	}
	return expr{kind: c.kind, eval: eval, partition: c.path == "event_time", plain: true, name: head}
}
