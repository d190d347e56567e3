package zoom

import (
	"regexp"
	"strconv"
	"strings"
)

// session is what Zoom's page gives to its own script for later calls.
type session struct{ scid, token string }

// tokenName is the header that a session's token travels in.
const tokenName = "X-XSRF-TOKEN"

// text matches a string of JavaScript that is not empty, in either kind of quotes.
const text = `(?:"((?:[^"\\\n]|\\.)+)"|'((?:[^'\\\n]|\\.)+)')`

// What precedes the two values has changed in spacing and quotes over the years, and it is JavaScript, not
// JSON. The token stands in a list of headers, as name and value of an object in either order, or right behind its name.
var (
	scidPatterns = compile(
		`(?:^|[^\w$-])["']?(?:lti_)?scid["']?\s*[:=]\s*` + text,
	)
	tokenPatterns = compile(
		`(?i)["']`+tokenName+`["']\s*\]?\s*[:=]\s*`+text,
		`(?i)["']`+tokenName+`["'][^{}]*?\bvalue["']?\s*:\s*`+text,
		`(?i)\bvalue["']?\s*:\s*`+text+`[^{}]*?["']`+tokenName+`["']`,
		`(?i)["']`+tokenName+`["']\s*,\s*`+text+`\s*[^:\s]`,
	)
)

func compile(patterns ...string) []*regexp.Regexp {
	all := make([]*regexp.Regexp, len(patterns))
	for i, p := range patterns {
		all[i] = regexp.MustCompile(p)
	}
	return all
}

// readSession finds the values in a page; "" for one that it does not hold.
func readSession(page []byte) session {
	return session{scid: value(page, scidPatterns), token: value(page, tokenPatterns)}
}

// value returns the first match that can travel in a header.
func value(page []byte, patterns []*regexp.Regexp) string {
	for _, p := range patterns {
		for _, m := range p.FindAllSubmatch(page, -1) {
			if v := unescape(string(m[1]) + string(m[2])); usable(v) {
				return v
			}
		}
	}
	return ""
}

const maxValue = 4096 // bytes

func usable(v string) bool {
	return v != "" && len(v) <= maxValue && strings.IndexFunc(v, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// escape is one in a string of JavaScript.
var escape = regexp.MustCompile(`\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))`)

func unescape(s string) string {
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		m := escape.FindStringSubmatch(e)
		if n, err := strconv.ParseUint(m[1]+m[2], 16, 32); err == nil {
			return string(rune(n))
		}
		return m[3]
	})
}
