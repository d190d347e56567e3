package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/internal/mysqldb"
)

// explain gives an error of the database its class and remedy.
func explain(ctx context.Context, db config.Database, err error) error {
	var classed *fault.Error
	var server *mysql.MySQLError
	var operation *net.OpError
	var network net.Error
	var certificate *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && !errors.Is(err, ctx.Err()):
		return fmt.Errorf("%w (%w)", ctx.Err(), err)
	case errors.As(err, &classed) || ctx.Err() != nil:
		return err
	case errors.As(err, &server):
		class, hint := mysqldb.Advice(server, mysqldb.Server{Address: address(db), Database: db.Name, User: db.User})
		return fault.New(class, hint, fmt.Errorf("MySQL server %s: %w", address(db), err))
	case errors.As(err, &certificate):
		return explainCertificate(certificate, db, err)
	case errors.As(err, &alert) || errors.As(err, &record):
		return fault.New(fault.Config, fmt.Sprintf("let the MySQL server at %s speak TLS 1.2 or later, or set INVENTORY_DB.tls to false", address(db)),
			fmt.Errorf("encrypt the connection to MySQL server %s: %w", address(db), err))
	case errors.As(err, &operation) && operation.Op == "dial":
		return fault.New(fault.Unavailable,
			fmt.Sprintf("start the MySQL server at %s, or set INVENTORY_DB.host and INVENTORY_DB.port; then run the same command again: what was there before is still in place", address(db)),
			fmt.Errorf("MySQL server %s: %w", address(db), err))
	case errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network):
		// Some servers end without a word when their disk is full.
		return fault.New(fault.Unavailable,
			fmt.Sprintf("look into the log of the MySQL server at %s: if its disk is full, free space on it; if it ended, start it; if a proxy or balancer before it cuts connections on which nothing is sent, raise its limit of idle time; then run the same command again: what was there before is still in place", address(db)),
			fmt.Errorf("the connection to MySQL server %s broke: %w", address(db), err))
	case errors.Is(err, mysql.ErrPktTooLarge):
		return fault.New(fault.Config, "raise max_allowed_packet at the server, to 16M or more", err)
	case errors.Is(err, mysql.ErrNoTLS):
		return fault.New(fault.Config, "set INVENTORY_DB.tls to false or preferred, or switch TLS on at the server", err)
	case errors.Is(err, mysql.ErrUnknownPlugin) || errors.Is(err, mysql.ErrCleartextPassword) || errors.Is(err, mysql.ErrOldPassword) || errors.Is(err, mysql.ErrNativePassword):
		return fault.New(fault.Permission, fmt.Sprintf("let INVENTORY_DB.user log in with caching_sha2_password or mysql_native_password: ALTER USER '%s' IDENTIFIED WITH …", db.User),
			fmt.Errorf("log in to MySQL server %s: %w", address(db), err))
	case errors.Is(err, mysql.ErrMalformPkt) || errors.Is(err, mysql.ErrOldProtocol) || errors.Is(err, mysql.ErrPktSync) || errors.Is(err, mysql.ErrPktSyncMul):
		return fault.New(fault.Unavailable, fmt.Sprintf("look what answers at %s: it does not speak the protocol of MySQL; check INVENTORY_DB.host and INVENTORY_DB.port, and a proxy before the server", address(db)),
			fmt.Errorf("MySQL server %s: %w", address(db), err))
	}
	return err
}

// explainCertificate says what is wrong with the server's certificate.
func explainCertificate(certificate *tls.CertificateVerificationError, db config.Database, err error) error {
	const otherwise = ", or set INVENTORY_DB.tls to skip-verify (encrypted, but any server is believed) or false"
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	remedy := "set INVENTORY_DB.tls to a file with the certificate of the server's CA, or give the server a certificate that this machine trusts" + otherwise
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		remedy = "renew the certificate of the MySQL server, or look at the clocks of both machines" + otherwise
		if len(certificate.UnverifiedCertificates) > 0 {
			c := certificate.UnverifiedCertificates[0]
			err = fmt.Errorf("the certificate is valid from %s to %s: %w", stamp(c.NotBefore), stamp(c.NotAfter), err)
		}
	case errors.As(err, &name):
		remedy = "set INVENTORY_DB.host to a name that the certificate of the MySQL server has" + otherwise
	}
	return fault.New(fault.Config, remedy, fmt.Errorf("MySQL server %s: %w", address(db), err))
}
