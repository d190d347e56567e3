package bigquery

import (
	"regexp"
	"strings"
)

// in reads what follows IN: a list or UNNEST of an array.
func (p *parser) in(a expr) expr {
	if p.accept("UNNEST") {
		p.expect("(")
		list := p.expression()
		p.expect(")")
		if list.kind != kStrings && list.kind != kInts || list.kind == kStrings && a.kind != kString || list.kind == kInts && a.kind != kInt {
			p.fail("Cannot execute IN subquery with uncomparable types %s and %s", a.kind, list.kind)
		}
		return p.strict(kBool, func(v []any) any {
			for _, one := range v[1].([]any) {
				if compare(v[0], one) == 0 {
					return true
				}
			}
			return false
		}, a, list)
	}
	p.expect("(")
	e := value(kBool, false)
	for {
		before, one := e, p.compared("=", a, p.sum())
		e = p.combine(kBool, func(s *scope) any { return logic(before.eval(s), one.eval(s), true) }, before, one)
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return e
}

// like matches the patterns of LIKE.
func like(text, pattern string) bool {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for _, c := range pattern {
		switch c {
		case '%':
			b.WriteString(".*")
		case '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return regexp.MustCompile(b.String() + `\z`).MatchString(text)
}
