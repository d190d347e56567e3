package bigquery

import (
	"fmt"
	"strings"
)

// token is a word of a query. kind is one of: name, quoted (a name in backquotes), text,
// number, param, or the sign itself.
type token struct {
	kind, text string
	pos        int
}

// place tells where in a query something stands.
func place(query string, pos int) string {
	before := query[:min(pos, len(query))]
	line := 1 + strings.Count(before, "\n")
	return fmt.Sprintf("[%d:%d]", line, 1+len(before)-(strings.LastIndexByte(before, '\n')+1))
}

// lex splits a query into tokens.
func lex(q string) ([]token, error) {
	var out []token
	for i := 0; i < len(q); {
		c := q[i]
		start := i
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '#' || strings.HasPrefix(q[i:], "--"):
			for i < len(q) && q[i] != '\n' {
				i++
			}
		case strings.HasPrefix(q[i:], "/*"):
			end := strings.Index(q[i+2:], "*/")
			if end < 0 {
				return nil, invalid("Syntax error: Unclosed comment at %s", place(q, start))
			}
			i += end + 4
		case c == '`':
			end := strings.IndexByte(q[i+1:], '`')
			if end < 0 {
				return nil, invalid("Syntax error: Unclosed identifier literal at %s", place(q, start))
			}
			out = append(out, token{"quoted", q[i+1 : i+1+end], start})
			i += end + 2
		case c == '\'' || c == '"', (c == 'r' || c == 'R') && i+1 < len(q) && (q[i+1] == '\'' || q[i+1] == '"'):
			raw := c == 'r' || c == 'R'
			if raw {
				i++
			}
			text, end, ok := literal(q, i, raw)
			if !ok {
				return nil, invalid("Syntax error: Unclosed string literal at %s", place(q, start))
			}
			out = append(out, token{"text", text, start})
			i = end
		case c == '@' && i+1 < len(q) && letter(q[i+1]):
			for i++; i < len(q) && (letter(q[i]) || digit(q[i])); i++ {
			}
			out = append(out, token{"param", q[start+1 : i], start})
		case letter(c):
			for i < len(q) && (letter(q[i]) || digit(q[i])) {
				i++
			}
			out = append(out, token{"name", q[start:i], start})
		case digit(c):
			for i < len(q) && (digit(q[i]) || q[i] == '.') {
				i++
			}
			out = append(out, token{"number", q[start:i], start})
		default:
			sign := string(c)
			for _, two := range []string{"<=", ">=", "!=", "<>", "||"} {
				if strings.HasPrefix(q[i:], two) {
					sign = two
				}
			}
			if !strings.Contains("<>=!|(),.*+-[];/", sign[:1]) {
				return nil, invalid("Syntax error: Illegal input character %q at %s", sign, place(q, start))
			}
			out = append(out, token{sign, sign, start})
			i += len(sign)
		}
	}
	return append(out, token{"end", "end of input", len(q)}), nil
}

// literal reads a string literal that begins with its quote at i.
func literal(q string, i int, raw bool) (text string, end int, ok bool) {
	mark := q[i]
	var b strings.Builder
	for i++; i < len(q); i++ {
		switch {
		case q[i] == mark:
			return b.String(), i + 1, true
		case q[i] == '\\' && i+1 < len(q):
			i++
			if raw {
				b.WriteByte('\\')
				b.WriteByte(q[i])
				continue
			}
			switch q[i] {
			case 'n':
				b.WriteByte('\n')
			case 't':
				b.WriteByte('\t')
			default:
				b.WriteByte(q[i])
			}
		default:
			b.WriteByte(q[i])
		}
	}
	return "", i, false
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
