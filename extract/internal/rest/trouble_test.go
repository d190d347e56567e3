package rest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tl-its-umich-edu/course-inventory/extract/internal/tally"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// certificate returns a certificate that signs itself, and the pool that trusts it.
func certificate(t *testing.T, name string, until time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: until.Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// TestTrouble meets every way in which a server, or what stands before it, can fail to answer. Each has its class and a remedy that
// names the cause.
func TestTrouble(t *testing.T) {
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) })
	body := func(status int, text string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}
	secure := func(t *testing.T, name string, until time.Time, trusted bool) (string, *http.Transport) {
		c, pool := certificate(t, name, until)
		s := httptest.NewUnstartedServer(ok)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{c}}
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		transport := newTransport()
		if trusted {
			transport.TLSClientConfig = &tls.Config{RootCAs: pool}
		}
		return s.URL, transport
	}
	serve := func(h http.HandlerFunc) func(*testing.T) (string, *http.Transport) {
		return func(t *testing.T) (string, *http.Transport) {
			s := httptest.NewServer(h)
			t.Cleanup(s.Close)
			return s.URL, newTransport()
		}
	}
	talk := func(answer string) func(*testing.T) (string, *http.Transport) { // a server of another kind
		return func(t *testing.T) (string, *http.Transport) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			go func() {
				for {
					conn, err := l.Accept()
					if err != nil {
						return
					}
					_, _ = bufio.NewReader(conn).ReadString('\n')
					_, _ = conn.Write([]byte(answer))
					_ = conn.Close()
				}
			}()
			return "http://" + l.Addr().String(), newTransport()
		}
	}
	byProxy := func(scheme string, status int) func(*testing.T) (string, *http.Transport) {
		return func(t *testing.T) (string, *http.Transport) {
			s := httptest.NewServer(body(status, "no"))
			t.Cleanup(s.Close)
			proxy, _ := url.Parse(s.URL)
			transport := newTransport()
			transport.Proxy = http.ProxyURL(proxy)
			return scheme + "://canvas.example.edu", transport
		}
	}
	dialed := func(err error) func(*testing.T) (string, *http.Transport) {
		return func(*testing.T) (string, *http.Transport) {
			transport := newTransport()
			transport.Proxy = nil
			transport.DialContext = nil
			transport.Dial = func(string, string) (net.Conn, error) { return nil, &net.OpError{Op: "dial", Err: err} } //nolint:staticcheck // short
			return "http://canvas.example.edu", transport
		}
	}
	later := time.Now().Add(time.Hour)
	for name, test := range map[string]struct {
		server func(*testing.T) (string, *http.Transport)
		class  fault.Class
		text   string // in the error
		hint   string // in the remedy
		once   bool   // trying again is of no use
	}{
		"certificate nobody trusts": {func(t *testing.T) (string, *http.Transport) { return secure(t, "127.0.0.1", later, false) }, fault.Config, "unknown authority", "SSL_CERT_FILE", true},
		"expired certificate": {func(t *testing.T) (string, *http.Transport) {
			return secure(t, "127.0.0.1", time.Now().Add(-time.Hour), true)
		}, fault.Unavailable, "expired", "renew", true},
		"certificate of another": {func(t *testing.T) (string, *http.Transport) { return secure(t, "other.example.edu", later, true) }, fault.Config, "127.0.0.1", "for other names: set THE.BASE", true},
		"http where https is asked for": {func(t *testing.T) (string, *http.Transport) {
			base, transport := serve(body(200, "{}"))(t)
			return strings.Replace(base, "http:", "https:", 1), transport
		}, fault.Config, "", "does not speak TLS", true},
		"refused": {func(t *testing.T) (string, *http.Transport) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			_ = l.Close()
			return "http://" + l.Addr().String(), newTransport()
		}, fault.Unavailable, "refused", "nothing accepts connections at 127.0.0.1:", false},
		"no such host":             {dialed(&net.DNSError{Err: "no such host", Name: "canvas.example.edu", IsNotFound: true}), fault.Config, "no such host", "check THE.BASE: there is no host canvas.example.edu", false},
		"name server down":         {dialed(&net.DNSError{Err: "server misbehaving", Name: "canvas.example.edu", IsTemporary: true}), fault.Unavailable, "misbehaving", "name servers", false},
		"too slow":                 {serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), fault.Unavailable, "", "does not answer in time", false},
		"hangs up":                 {talk(""), fault.Unavailable, "EOF", "see whether it is up", false},
		"no HTTP":                  {talk("220 smtp ready\r\n"), fault.Unavailable, "", "see whether it is up", false},
		"broken gzip":              {serve(body(200, "this was never packed", "Content-Encoding", "gzip")), fault.Unavailable, "gzip", "see whether it is up", false},
		"proxy wants a login":      {byProxy("https", 407), fault.Permission, "proxy 127.0.0.1:", "user and a password", true},
		"proxy wants one, in HTTP": {byProxy("http", 407), fault.Permission, "407", "user and a password", true},
		"proxy says no":            {byProxy("https", 403), fault.Permission, "status 403", "proxy does not let", true},
		"proxy gets nowhere":       {byProxy("https", 502), fault.Unavailable, "status 502", "proxy does not reach", false},
		"no proxy": {func(*testing.T) (string, *http.Transport) {
			transport := newTransport()
			transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
			return "https://canvas.example.edu", transport
		}, fault.Unavailable, "", "the proxy cannot be reached", false},
		"another server": {serve(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example.edu/saml?token=hush", http.StatusFound)
		}), fault.Config, "redirect to https://login.example.edu refused", "login page", true},
		"in a circle": {serve(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }), fault.Config, "too many redirects", "sends every request on", true},
		"its login page": {serve(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/login/canvas" {
				http.Redirect(w, r, "/login/canvas", http.StatusFound)
				return
			}
			fmt.Fprint(w, "<!DOCTYPE html><title>Welcome</title>")
		}), fault.Permission, "a login page (HTML) of 37 bytes from http://127.0.0.1:", "single sign-on", false},
		"login form":  {serve(body(200, "\ufeff\n <html><input type='password'>")), fault.Permission, "login page (HTML)", "token is valid", false},
		"maintenance": {serve(body(200, "<html>Back soon", "Content-Type", "application/json")), fault.Unavailable, "a page of HTML", "maintenance", false},
		"no body":     {serve(body(200, "")), fault.Unavailable, "an empty answer", "see whether it is up", false},
		"a text":      {serve(body(200, "Hello", "Content-Type", "text/plain")), fault.Unavailable, "not whole JSON", "see whether it is up", false},
		"a number":    {serve(body(200, "7")), fault.Data, "number instead of object", "interface changed", false},
	} {
		t.Run(name, func(t *testing.T) {
			base, transport := test.server(t)
			c, err := New(Config{
				Service: "Canvas", Base: base, BaseKey: "THE.BASE", Auth: Bearer("hush"), Attempts: 2,
				Tuning:   Tuning{Transport: transport, FirstWait: time.Millisecond, MaxWait: time.Millisecond, Deadline: 500 * time.Millisecond},
				Classify: func(Answer) Verdict { return Verdict{} },
			})
			if err != nil {
				t.Fatal(err)
			}
			var book tally.Book
			_, err = Do[struct{}](tally.With(t.Context(), &book, "table"), c, Request{Path: "x", Query: url.Values{"a": {"b"}}}, nil)
			c.Close()
			if fault.ClassOf(err) != test.class || !strings.Contains(fmt.Sprint(err), test.text) || !strings.Contains(fault.HintOf(err), test.hint) {
				t.Errorf("class %v: %v\nremedy: %s", fault.ClassOf(err), err, fault.HintOf(err))
			}
			if text := fmt.Sprint(err) + fault.HintOf(err); strings.Contains(text, "hush") || strings.Contains(text, "Welcome") {
				t.Errorf("it tells too much: %s", text)
			}
			if sent := book.Requests().Total; test.once != (sent == 1) {
				t.Errorf("sent %d times", sent)
			}
		})
	}
}

// TestByteOrderMark reads JSON behind one.
func TestByteOrderMark(t *testing.T) {
	s := &script{steps: steps(answer(200, "\ufeff{\"id\":5}"))}
	got, err := Do[struct{ ID int }](t.Context(), client(t, s, nil), Request{}, nil)
	if err != nil || got.ID != 5 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestLaterPage has the second page of a listing vanish: that the first one came says that nothing is wrong with what was asked for.
func TestLaterPage(t *testing.T) {
	s := &script{steps: steps(answer(200, `[1]`, "Link", `<https://test.example/api/x?page=2>; rel="next"`), answer(404, `{}`))}
	c := client(t, s, func(c *Config) {
		c.Classify = func(a Answer) Verdict {
			if a.Status == 200 {
				return Verdict{}
			}
			return Verdict{Action: Refuse, Class: fault.Config, Hint: "check the account id"}
		}
	})
	var err error
	for _, err = range Pages(t.Context(), c, things(nil)) {
		continue
	}
	if fault.ClassOf(err) != fault.Unavailable || NotFound(err) || !strings.Contains(fmt.Sprint(err), "later page") || !strings.Contains(fault.HintOf(err), "the pages before it came") {
		t.Errorf("class %v: %v, remedy %q", fault.ClassOf(err), err, fault.HintOf(err))
	}
}
