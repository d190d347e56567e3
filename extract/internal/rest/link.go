package rest

import (
	"fmt"
	"net/http"
	"strings"
)

// Links returns the targets of the links in the Link headers by relation, in lower case. The first link of
// a relation counts. A header that is no list of links is an error: what it says about further pages is unknown.
func Links(h http.Header) (map[string]string, error) {
	links := map[string]string{}
	for _, value := range h.Values("Link") {
		rest := value
		for {
			rest = strings.TrimLeft(rest, " \t,")
			if rest == "" {
				break
			}
			target, params, ok := strings.Cut(rest, ">")
			if !ok || !strings.HasPrefix(target, "<") {
				return nil, fmt.Errorf("malformed Link header of %d bytes", len(value))
			}
			var rels string
			rels, rest = linkParams(params)
			for _, rel := range strings.Fields(strings.ToLower(rels)) {
				if _, known := links[rel]; !known {
					links[rel] = target[1:]
				}
			}
		}
	}
	return links, nil
}

// linkParams reads the parameters of one link. It returns the relations that its rel names, and what follows.
func linkParams(s string) (rels, rest string) {
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
			seenRel, rels = true, value
		}
		if name == "" && value == "" {
			break
		}
	}
	if i := strings.IndexByte(s, ','); i >= 0 {
		return rels, s[i:]
	}
	return rels, ""
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
