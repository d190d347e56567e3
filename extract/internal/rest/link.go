package rest

import (
	"fmt"
	"net/http"
	"strings"
)

// NextLink returns the target of the link with rel="next" in the Link headers, "" if there
// is none. A header that is no list of links is an error: what it says about the next page is unknown.
func NextLink(h http.Header) (string, error) {
	next := ""
	for _, value := range h.Values("Link") {
		rest := value
		for {
			rest = strings.TrimLeft(rest, " \t,")
			if rest == "" {
				break
			}
			target, params, ok := strings.Cut(rest, ">")
			if !ok || !strings.HasPrefix(target, "<") {
				return "", fmt.Errorf("malformed Link header of %d bytes", len(value))
			}
			var isNext bool
			isNext, rest = linkParams(params)
			if isNext && next == "" {
				next = target[1:]
			}
		}
	}
	return next, nil
}

// linkParams reads the parameters of one link, tells whether its rel names "next", and returns what follows.
func linkParams(s string) (isNext bool, rest string) {
	seenRel := false
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" || s[0] != ';' {
			break
		}
		s = strings.TrimLeft(s[1:], " \t;")
		name := s[:len(s)-len(strings.TrimLeft(s, tokenBytes))]
		s = strings.TrimLeft(s[len(name):], " \t")
		value := ""
		if strings.HasPrefix(s, "=") {
			value, s = linkValue(strings.TrimLeft(s[1:], " \t"))
		}
		if strings.EqualFold(name, "rel") && !seenRel { // a second rel does not count
			seenRel = true
			for _, r := range strings.Fields(value) {
				isNext = isNext || strings.EqualFold(r, "next")
			}
		}
		if name == "" && value == "" {
			break
		}
	}
	if i := strings.IndexByte(s, ','); i >= 0 {
		return isNext, s[i:]
	}
	return isNext, ""
}

const tokenBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"

// linkValue reads a token or a quoted string.
func linkValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";, \t")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}
