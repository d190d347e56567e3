package udw

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
)

// settings are what the text of a value depends on. A role or a database may have its own of each, so every query sets ours.
// Row security is left as it is: a shared warehouse may show each institution its own rows by it. The encoding is a setting, too.
var settings = []string{
	"DateStyle TO 'ISO, YMD'",
	"IntervalStyle TO 'postgres'",
	"TimeZone TO 'UTC'",
	"bytea_output TO 'hex'",
	"extra_float_digits TO '2'",
	"standard_conforming_strings TO 'on'",
}

// session is a connection with the settings that its server knows.
//
// They are no parameters of the connection's startup, which a pooler may refuse. Behind a pooler each query may meet another
// server process, so the settings are sent with every query, for its own transaction: nothing stays behind for others.
type session struct {
	*pgconn.PgConn
	prelude string // goes before every query
}

// connect opens a connection and finds out which settings the server knows.
func (w *warehouse) connect(ctx context.Context) (*session, error) {
	conn, err := pgconn.ConnectConfig(ctx, w.config)
	if err != nil {
		return nil, w.judge(ctx, err)
	}
	s := &session{PgConn: conn}
	if err := s.begin(ctx); err != nil {
		s.end(ctx)
		return nil, w.judge(ctx, err)
	}
	if now := s.ParameterStatus("client_encoding"); now != "" && !slices.Contains([]string{"UTF8", "UNICODE", noEncoding}, strings.ToUpper(now)) {
		s.end(ctx)
		return nil, fault.New(fault.Data, "ask Unizin to set client_encoding to UTF8 for UDW.user",
			fmt.Errorf("warehouse: it sends text as %s and refuses to send UTF8", now))
	}
	return s, nil
}

// end closes the connection. All rows are read, or nobody wants them any more.
func (s *session) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = s.Close(ctx)
}

// noEncoding is that of a database that takes any bytes for text. Asked for UTF8, it refuses rows with others.
const noEncoding = "SQL_ASCII"

func (s *session) begin(ctx context.Context) error {
	encoding := "client_encoding TO 'UTF8'"
	if s.ParameterStatus("server_encoding") == noEncoding {
		encoding = "client_encoding TO '" + noEncoding + "'"
	}
	wanted := append([]string{encoding}, settings...)
	known := wanted
	switch ok, err := s.takes(ctx, wanted...); {
	case err != nil:
		return err
	case !ok: // an old server does not know all of them
		known = nil
		for _, setting := range wanted {
			ok, err := s.takes(ctx, setting)
			if err != nil {
				return err
			}
			if ok {
				known = append(known, setting)
			}
		}
	}
	s.prelude = prelude(known)
	if slices.Contains(known, encoding) {
		// The text of a query, such as a schema's name, is read in the encoding that was set before it.
		return s.Exec(ctx, "SET "+encoding).Close()
	}
	return nil
}

// takes reports whether the server knows the settings.
func (s *session) takes(ctx context.Context, settings ...string) (bool, error) {
	err := s.Exec(ctx, prelude(settings)+"SELECT 1").Close()
	var server *pgconn.PgError
	if errors.As(err, &server) && !s.IsClosed() && !passes(server.Code) {
		return false, nil
	}
	return true, err
}

// passes tells whether an error of the server is about its state, not about what it was asked.
func passes(code string) bool {
	return slices.Contains([]string{"08", "40", "53", "55", "57", "58", "XX"}, code[:min(2, len(code))])
}

// prelude sets settings for the transaction of the query that follows in the same message.
func prelude(settings []string) string {
	var text strings.Builder
	for _, s := range settings {
		text.WriteString("SET LOCAL " + s + "; ")
	}
	return text.String()
}
