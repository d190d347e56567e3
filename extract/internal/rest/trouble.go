package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// ProxyError is the refusal of a proxy on the way to the server.
type ProxyError struct {
	Proxy  string // its host
	Status int
}

func (e *ProxyError) Error() string {
	return fmt.Sprintf("proxy %s: status %d %s", e.Proxy, e.Status, http.StatusText(e.Status))
}

// refusedByProxy makes a [ProxyError] of a proxy's answer to CONNECT, of which net/http tells the text only.
func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{proxy.Host, answer.StatusCode}
}

const (
	runAgain = ", then run the same command again; MAX_REQ_ATTEMPTS allows more tries"
	proxyEnv = "HTTPS_PROXY, HTTP_PROXY and NO_PROXY say which servers are reached by a proxy"
)

// judge gives the class and the remedy of a request that brought no usable answer. For a final one, trying again
// cannot help.
func (c *Client) judge(err error, tries int) (class fault.Class, hint string, final bool) {
	var redirect errRedirect
	var classified *fault.Error
	var page *PageError
	var paging *PagingError
	var shape *ShapeError
	var proxy *ProxyError
	var dns *net.DNSError
	var op *net.OpError
	host := c.base.Host
	switch {
	case errors.As(err, &classified):
		return classified.Class, classified.Hint, true
	case errors.As(err, &redirect):
		return fault.Config, fmt.Sprintf("if that is the right server, set %s to it; a redirect to a login page means that the server does not accept "+
			"the token, or that %s is an address for browsers and not that of the API", c.BaseKey, c.BaseKey), true
	case errors.Is(err, errCircle):
		return fault.Config, fmt.Sprintf("check %s: the server sends every request on to another address of its own", c.BaseKey), true
	case errors.As(err, &page) && page.Login:
		return fault.Permission, fmt.Sprintf("%s asks for a login as it would of a browser: check that the token is valid, that %s is the address of the API, "+
			"and that no single sign-on stands before it", c.Service, c.BaseKey), false
	case errors.As(err, &page):
		return fault.Unavailable, fmt.Sprintf("open the address of %s in a browser: a page of HTML is what a server under maintenance sends, a firewall, "+
			"or one that has no API there%s", c.BaseKey, runAgain), false
	case errors.As(err, &paging):
		return fault.Unavailable, paging.hint, false
	case errors.As(err, &shape):
		return fault.Data, fmt.Sprintf("%s answers in a form that this program does not know: has its interface changed?", c.Service), false
	case errors.As(err, &proxy):
		return judgeProxy(proxy)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return fault.Unavailable, "the proxy cannot be reached: " + proxyEnv, false
	}
	if class, hint := JudgeTLS(err, host, c.BaseKey); class != fault.OK {
		return class, hint, true
	}
	var alert tls.AlertError
	var timeout net.Error
	switch {
	case errors.As(err, &alert):
		return fault.Unavailable, fmt.Sprintf("%s breaks the TLS handshake off: ask its administrators for the TLS versions and client certificates that it wants", host), false
	case errors.As(err, &dns) && dns.IsNotFound:
		return fault.Config, fmt.Sprintf("check %s: there is no host %s for the name servers of this machine", c.BaseKey, c.base.Hostname()), false
	case errors.As(err, &dns):
		return fault.Unavailable, fmt.Sprintf("the name servers of this machine do not tell the address of %s: see whether they are up%s", c.base.Hostname(), runAgain), false
	case errors.Is(err, syscall.ECONNREFUSED):
		return fault.Unavailable, fmt.Sprintf("nothing accepts connections at %s: check host and port in %s, and see whether the server is up%s", host, c.BaseKey, runAgain), false
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fault.Unavailable, fmt.Sprintf("there is no way from this machine to %s: see whether the network is up and a firewall or VPN in the way%s", host, runAgain), false
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fault.Unavailable, fmt.Sprintf("%s does not answer in time: see whether it is up and a firewall in the way%s", host, runAgain), false
	}
	return fault.Unavailable, fmt.Sprintf("%s did not answer properly %d times in a row: see whether it is up%s", c.Service, tries, runAgain), false
}

// JudgeTLS returns the class and the remedy of errors that are about the certificate of a host, or TLS where there is none, and OK for
// every other error. key is the configuration key that names the host.
func JudgeTLS(err error, host, key string) (fault.Class, string) {
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var roots x509.SystemRootsError
	var other *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &authority):
		return fault.Config, fmt.Sprintf("the certificate of %s is not signed by an authority that this machine trusts: add the authority to the system's CA store, or name a file "+
			"with its certificate in SSL_CERT_FILE; a proxy that looks into TLS needs its own authority there", host)
	case errors.As(err, &name):
		return fault.Config, fmt.Sprintf("the certificate of %s is for other names: set %s to the name that the certificate has, or ask the server's administrators for one with this name", host, key)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fault.Unavailable, fmt.Sprintf("the certificate of %s has expired or is not valid yet: ask the server's administrators to renew it, and check the clock of this machine", host)
	case errors.As(err, &roots):
		return fault.Config, "this machine has no CA certificates: install the package ca-certificates, or name a file with them in SSL_CERT_FILE"
	case errors.As(err, &invalid), errors.As(err, &other):
		return fault.Config, fmt.Sprintf("the certificate of %s cannot be accepted: ask the server's administrators, or see what SSL_CERT_FILE and the system's CA store hold", host)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return fault.Config, fmt.Sprintf("what answers at %s does not speak TLS: check the port in %s, or begin it with http://", host, key)
	}
	return fault.OK, ""
}

func judgeProxy(e *ProxyError) (class fault.Class, hint string, final bool) {
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		return fault.Permission, "the proxy wants a user and a password: put them into the proxy's URL; " + proxyEnv, true
	case e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusRequestTimeout:
		return fault.Permission, "the proxy does not let this machine through to the server: ask its administrators; " + proxyEnv, true
	}
	return fault.Unavailable, "the proxy does not reach the server: see whether both are up; " + proxyEnv, false
}
