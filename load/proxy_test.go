package load_test

import (
	"net"
	"sync"
	"testing"

	"github.com/tl-its-umich-edu/course-inventory/config"
)

// proxy stands between a load and the server and can cut its connections.
type proxy struct {
	listener net.Listener
	server   string
	done     sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
	muted bool // cut a connection instead of passing on what the server says next
}

// newProxy returns a proxy to a database, and the settings to reach it through the proxy.
func newProxy(t *testing.T, db config.Database) (*proxy, config.Database) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, server: net.JoinHostPort(db.Host, portText(db.Port))}
	p.done.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		p.done.Wait()
	})
	db.Port = l.Addr().(*net.TCPAddr).Port
	return p, db
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		p.done.Go(func() { p.pass(server, client, false) })
		p.done.Go(func() { p.pass(client, server, true) })
	}
}

// pass copies what src says to dst.
func (p *proxy) pass(dst, src net.Conn, answers bool) {
	defer dst.Close()
	defer src.Close()
	buf := make([]byte, 32<<10)
	for {
		n, _ := src.Read(buf) // an error comes without bytes, at the latest the next time
		p.mu.Lock()
		muted := p.muted && answers
		p.mu.Unlock()
		if n == 0 || muted {
			return
		}
		if _, err := dst.Write(buf[:n]); err != nil {
			return
		}
	}
}

// cut closes all connections that are open now.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

// mute lets the client's next words through to the server, and loses its answer.
func (p *proxy) mute(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.muted = on
}

// hold keeps back all that both sides say, also on new connections, until release.
func (p *proxy) hold()    { p.mu.Lock() }
func (p *proxy) release() { p.mu.Unlock() }
