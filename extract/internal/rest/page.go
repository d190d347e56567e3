package rest

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
)

// PageError is a page of HTML where JSON was to be expected.
type PageError struct {
	Bytes int
	Login bool   // it asks for a login
	From  string // scheme and host that sent it
}

func (e *PageError) Error() string {
	what := "a page of HTML"
	if e.Login {
		what = "a login page (HTML)"
	}
	return fmt.Sprintf("%s of %d bytes from %s instead of JSON", what, e.Bytes, e.From)
}

var (
	loginField = regexp.MustCompile(`(?i)type\s*=\s*["']?password|name\s*=\s*["']?SAMLRequest`)
	loginPath  = regexp.MustCompile(`(?i)(^|[/_.-])(log-?in|sign-?in|saml2?|sso|cas|adfs|idp|shibboleth)([/_.-]|$)`)
)

// pageIn returns the page of HTML that an answer is, nil if it is none.
func pageIn(a Answer) *PageError {
	if !isHTML(a.Body) {
		return nil
	}
	p := &PageError{Bytes: len(a.Body), From: "the server"}
	if a.URL != nil {
		p.From = (&url.URL{Scheme: a.URL.Scheme, Host: a.URL.Host}).String()
	}
	p.Login = loginField.Match(a.Body) || a.Forwarded && loginPath.MatchString(a.URL.Path)
	return p
}

// isHTML tells whether a body is a page, whatever its header says: no JSON begins like one.
func isHTML(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

// HTML reports whether the answer is a page of HTML, which tells that it comes from a proxy, a firewall or a web server
// and not from an API of JSON.
func (a Answer) HTML() bool { return isHTML(a.Body) }

// ByteOrderMark stands before the JSON of some servers.
var ByteOrderMark = []byte("\ufeff")
