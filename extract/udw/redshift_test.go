package udw

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/tl-its-umich-edu/course-inventory/config"
	"github.com/tl-its-umich-edu/course-inventory/extract"
	"github.com/tl-its-umich-edu/course-inventory/extract/extracttest"
	"github.com/tl-its-umich-edu/course-inventory/internal/fault"
	"github.com/tl-its-umich-edu/course-inventory/lake"
)

// redshift is a server that knows the simple protocol only and few settings, calls itself PostgreSQL 8.0, and breaks
// the connection in the middle of the sections as often as cuts says.
type redshift struct {
	cuts     atomic.Int64
	refused  atomic.Int64 // messages of the extended protocol, and statements that neither read nor set
	unset    atomic.Int64 // queries of rows that came without the settings that this server knows
	latin    bool         // it sends LATIN1 and nothing else
	sections int
	ahead    time.Duration // of the real time
	hangs    bool          // instead of cutting the connection
}

func (r *redshift) start(t *testing.T) *config.Config {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_ = r.serve(conn) // a client that has gone
			}()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return &config.Config{MaxReqAttempts: 3, UDW: config.Database{
		Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Name: "udw", User: "reader", Password: "secret", SSLMode: "disable",
	}}
}

func (r *redshift) serve(conn net.Conn) error {
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return err
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "8.0.2"})
	if r.latin {
		b.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "LATIN1"})
	}
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	for {
		if err := b.Flush(); err != nil {
			return err
		}
		message, err := b.Receive()
		if err != nil {
			return err
		}
		switch m := message.(type) {
		case *pgproto3.Query:
			if err := r.message(b, m.String); err != nil {
				return err
			}
			b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		case *pgproto3.Terminate:
			return nil
		default:
			r.refused.Add(1)
			return errors.New("not the simple protocol")
		}
	}
}

// message answers all statements of a message, up to the first that is refused.
func (r *redshift) message(b *pgproto3.Backend, text string) error {
	set := map[string]bool{}
	for sql := range strings.SplitSeq(text, "; ") {
		words := strings.Fields(strings.Replace(sql, "SET LOCAL", "SET", 1))
		switch {
		case words[0] == "SET" && slices.Contains([]string{"DateStyle", "TimeZone", "extra_float_digits"}, words[1]), words[0] == "SET" && words[1] == "client_encoding" && !r.latin:
			set[words[1]] = true
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SET")})
		case words[0] == "SET":
			b.Send(&pgproto3.ErrorResponse{Severity: "ERROR", Code: "42704", Message: "unrecognized configuration parameter " + words[1]})
			return nil
		case sql == "SELECT 1":
			b.Send(fields(oidInt8))
			b.Send(row("1"))
			b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
		default:
			if words[0] != "SELECT" {
				r.refused.Add(1)
			}
			if len(set) != 4 && !strings.HasSuffix(sql, "LIMIT 0") {
				r.unset.Add(1)
			}
			if err := r.answer(b, sql); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	oidInt8      = 20
	oidVarchar   = 1043
	oidTimestamp = 1114
)

func (r *redshift) answer(b *pgproto3.Backend, sql string) error {
	if strings.Contains(sql, "now()") {
		b.Send(fields(oidInt8))
		b.Send(row(strconv.FormatInt(time.Now().Add(r.ahead).Unix(), 10)))
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
		return nil
	}
	if strings.Contains(sql, "unizin_metadata") {
		b.Send(fields(oidVarchar, oidVarchar))
		b.Send(row("canvasdatadate", "2026-02-03 01:02:03+00:00"))
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
		return nil
	}
	b.Send(fields(oidInt8, oidInt8, oidVarchar, oidInt8, oidInt8, oidVarchar, oidVarchar, oidTimestamp, oidTimestamp))
	if strings.HasSuffix(sql, "LIMIT 0") {
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
		return nil
	}
	for i := range r.sections {
		if i == r.sections/2 && r.cuts.Add(-1) >= 0 {
			if err := b.Flush(); err != nil {
				return err
			}
			if r.hangs {
				_, err := b.Receive() // until the client goes away
				return err
			}
			return errors.New("cut")
		}
		b.Send(row("17700000003000000", "3000000", "STATS 250 001", "17700000000000001", "17700000000000002", "active", "S1", "2026-01-02 03:04:05", "2026-01-02 03:04:05.25"))
	}
	b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT")})
	return nil
}

func fields(oids ...uint32) *pgproto3.RowDescription {
	d := &pgproto3.RowDescription{}
	for _, oid := range oids {
		d.Fields = append(d.Fields, pgproto3.FieldDescription{Name: []byte("c"), DataTypeOID: oid, TypeModifier: -1})
	}
	return d
}

func row(values ...string) *pgproto3.DataRow {
	d := &pgproto3.DataRow{}
	for _, v := range values {
		d.Values = append(d.Values, []byte(v))
	}
	return d
}

func TestRedshift(t *testing.T) {
	for name, test := range map[string]struct {
		cuts  int64
		class fault.Class
	}{
		"whole":     {cuts: 0},
		"cut twice": {cuts: 2},
		"cut ever":  {cuts: 100, class: fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			server := &redshift{sections: 2000}
			server.cuts.Store(test.cuts)
			l := extracttest.Lake(t)
			result, err := extract.Run(t.Context(), l, extracttest.Plan(openHasty(t, server.start(t)), now))
			if fault.ClassOf(err) != test.class {
				t.Fatalf("%v: class %v, want %v", err, fault.ClassOf(err), test.class)
			}
			if n := server.refused.Load(); n > 0 {
				t.Errorf("%d messages that Redshift need not know", n)
			}
			if err != nil {
				return
			}
			if rows := extracttest.Rows[Section](t, l, "raw/udw/course_section_dim", lake.DateOf(now)); len(rows) != 2000 {
				t.Errorf("%d rows, want 2000", len(rows))
			}
			if r := result.Tables[0].Requests; r.Total != 3+3*test.cuts || r.Retried != 3*test.cuts {
				t.Errorf("requests: %+v", r)
			}
		})
	}
}

func TestHangingServer(t *testing.T) {
	server := &redshift{sections: 2000, hangs: true}
	server.cuts.Store(1)
	w, err := newWarehouse(server.start(t), extract.Env{})
	if err != nil {
		t.Fatal(err)
	}
	w.patience = 200 * time.Millisecond
	for _, err = range w.sections(t.Context()) {
		if err != nil {
			break
		}
	}
	if fault.ClassOf(err) != fault.Temporary || !errors.Is(err, errIdle) {
		t.Errorf("a server that hangs gives %v, class %v", err, fault.ClassOf(err))
	}
	rows := 0
	for _, err := range w.sections(t.Context()) { // it does not hang twice
		if err != nil {
			t.Fatal(err)
		}
		if rows++; rows == 1200 {
			break
		}
	}
}

// A warehouse whose clock is another than this machine's is not read.
func TestClockOfServer(t *testing.T) {
	for _, ahead := range []time.Duration{-2 * time.Hour, 0, 50 * time.Minute, 24 * time.Hour, -73 * 365 * 24 * time.Hour} {
		server := &redshift{sections: 10, ahead: ahead}
		s, err := open(server.start(t), extract.Env{Compared: true}, time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		l := extracttest.Lake(t)
		_, err = extract.Run(t.Context(), l, extracttest.Plan(s, time.Now()))
		if ahead.Abs() <= time.Hour {
			if err != nil {
				t.Errorf("%s: %v", ahead, err)
			}
			continue
		}
		if fault.ClassOf(err) != fault.Config || !strings.Contains(err.Error(), "warehouse: its clock says") || !strings.Contains(fault.HintOf(err), "NTP") {
			t.Errorf("%s: %v, class %v, remedy %q", ahead, err, fault.ClassOf(err), fault.HintOf(err))
		}
		if _, err := l.Find(t.Context(), "raw/udw/unizin_metadata", lake.DateOf(time.Now())); !errors.Is(err, lake.ErrNotFound) {
			t.Errorf("%s: committed, %v", ahead, err)
		}
	}
}
