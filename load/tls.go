package load

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// encrypt sets how a connection is encrypted: as the driver's keyword says, or with a certificate of a CA in a file.
func encrypt(c *mysql.Config, db config.Database) error {
	if db.TLSFile() == "" {
		c.TLSConfig = db.TLS
		return nil
	}
	data, err := os.ReadFile(db.TLS)
	if err != nil {
		return fault.New(fault.Config, "set INVENTORY_DB.tls to true, false, skip-verify, preferred, or a file with the certificate of the server's CA", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(data) {
		return fault.New(fault.Config, "set INVENTORY_DB.tls to a file with the certificate of the server's CA, in PEM form",
			fmt.Errorf("file %s holds no certificate", db.TLS))
	}
	c.TLS = &tls.Config{
		ServerName:         db.Host,
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection does it
		VerifyConnection:   func(s tls.ConnectionState) error { return verifyServer(s, db.Host, roots) },
	}
	return nil
}

// verifyServer checks the server's certificate against the CAs. The ones that MySQL makes for itself name no host; any
// other must name the one that was connected to.
func verifyServer(s tls.ConnectionState, host string, roots *x509.CertPool) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the server shows no certificate")
	}
	leaf := s.PeerCertificates[0]
	opt := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
	for _, c := range s.PeerCertificates[1:] {
		opt.Intermediates.AddCert(c)
	}
	if len(leaf.DNSNames)+len(leaf.IPAddresses) > 0 {
		opt.DNSName = host // the state's own name is empty for an address
	}
	if _, err := leaf.Verify(opt); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}
