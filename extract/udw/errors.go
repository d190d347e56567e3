package udw

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// judge gives an error of the server or the connection its class and remedy. What may pass is
// Temporary, so that the table is read again while attempts last.
func (w *warehouse) judge(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	class, hint := fault.Temporary, "see whether the warehouse is up and reachable from here (UDW.host, UDW.port, firewall), then run the same command again"
	var server *pgconn.PgError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &server):
		class, hint = w.judgeServer(server, hint)
		// Detail and hint of the server may quote data.
		err = fmt.Errorf("%s (SQLSTATE %s)", server.Message, server.Code)
	case errors.As(err, &certificate), errors.As(err, &authority), strings.Contains(err.Error(), "server refused TLS"):
		class, hint = fault.Config, "check UDW.sslmode and UDW.host against the server's certificate"
	}
	return fault.New(class, hint, fmt.Errorf("warehouse: %w", err))
}

func (w *warehouse) judgeServer(e *pgconn.PgError, otherwise string) (fault.Class, string) {
	switch e.Code {
	case "28P01", "28000": // invalid password, invalid authorization
		return fault.Permission, "check UDW.user and UDW.password; the warehouse also admits only listed addresses"
	case "3D000":
		return fault.Config, "check UDW.dbname"
	case "3F000":
		return fault.Config, "check UDW.schema"
	case "42501":
		return fault.Permission, "ask for the right to read course_section_dim and unizin_metadata for UDW.user"
	case "42P01":
		return fault.Data, "the warehouse has no such table where UDW.dbname and UDW.schema point: correct them, or ask Unizin what has changed"
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "22", "42":
		return fault.Data, "the table has another shape than this program knows: ask Unizin what has changed"
	case "08", "40", "53", "55", "57", "58", "XX":
		return fault.Temporary, otherwise
	default:
		return fault.Unavailable, otherwise
	}
}

// unreadable is a value that does not fit its column.
func unreadable(err error) error {
	return fault.New(fault.Data, "the table has another shape than this program knows: ask Unizin what has changed",
		fmt.Errorf("warehouse row: %w", err))
}
