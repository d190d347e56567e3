package load_test

import (
	"encoding/binary"
	"io"
	"net"
	"regexp"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/tl-its-umich-edu/course-inventory/config"
)

// refuser stands between a load and the server and answers statements in the server's stead with errors.
type refuser struct {
	listener net.Listener
	server   string
	done     sync.WaitGroup

	mu     sync.Mutex
	refuse func(statement string) *mysql.MySQLError // nil for a statement that is passed on
}

// connecting is the statement that stands for a new connection.
const connecting = "connect"

// newRefuser returns a refuser before a database, and the settings to reach it through that.
func newRefuser(t *testing.T, db config.Database) (*refuser, config.Database) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &refuser{listener: l, server: net.JoinHostPort(db.Host, portText(db.Port)), refuse: func(string) *mysql.MySQLError { return nil }}
	r.done.Go(r.accept)
	t.Cleanup(func() {
		_ = l.Close()
		r.done.Wait()
	})
	db.Port = l.Addr().(*net.TCPAddr).Port
	return r, db
}

// set says what to refuse from now on.
func (r *refuser) set(refuse func(statement string) *mysql.MySQLError) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = refuse
}

func (r *refuser) ask(statement string) *mysql.MySQLError {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refuse(statement)
}

func (r *refuser) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		if e := r.ask(connecting); e != nil {
			_, _ = client.Write(errorPacket(0, e, false))
			_ = client.Close()
			continue
		}
		server, err := net.Dial("tcp", r.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.done.Go(func() {
			_, _ = io.Copy(client, server)
			_ = client.Close()
		})
		r.done.Go(func() {
			r.pass(client, server)
			_ = client.Close()
			_ = server.Close()
		})
	}
}

// numbered is what changes in the text of the same statement.
var numbered = regexp.MustCompile(`Reader::course-inventory-\d+`)

// pass hands the client's packets to the server, but for statements to refuse.
func (r *refuser) pass(client, server net.Conn) {
	const query, prepare, execute = 3, 0x16, 0x17
	prepared := ""
	for {
		packet := make([]byte, 4)
		if _, err := io.ReadFull(client, packet); err != nil {
			return
		}
		packet = append(packet, make([]byte, int(packet[0])|int(packet[1])<<8|int(packet[2])<<16)...)
		if _, err := io.ReadFull(client, packet[4:]); err != nil {
			return
		}
		statement := ""
		if packet[3] == 0 && len(packet) > 5 {
			switch packet[4] {
			case query:
				statement = numbered.ReplaceAllString(string(packet[5:]), "Reader")
			case prepare:
				prepared = string(packet[5:])
				statement = "prepare " + prepared
			case execute:
				statement = "execute " + prepared
			}
		}
		if statement != "" {
			if e := r.ask(statement); e != nil {
				if _, err := client.Write(errorPacket(1, e, true)); err != nil {
					return
				}
				continue
			}
		}
		if _, err := server.Write(packet); err != nil {
			return
		}
	}
}

// errorPacket is an error as a server sends it. Before a client has logged in, it has no SQLSTATE.
func errorPacket(sequence byte, e *mysql.MySQLError, state bool) []byte {
	body := binary.LittleEndian.AppendUint16([]byte{0xff}, e.Number)
	if state {
		body = append(append(body, '#'), e.SQLState[:]...)
	}
	body = append(body, e.Message...)
	return append([]byte{byte(len(body)), byte(len(body) >> 8), 0, sequence}, body...)
}
