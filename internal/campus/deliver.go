package campus

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

// pause waits, or less if the client goes away.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// deliver sends an answer, damaged as the fault wants it.
func (c *Campus) deliver(w http.ResponseWriter, rep *reply, fault kind) {
	switch fault {
	case faultReset:
		c.stats.status(0)
		tear(w)
	case faultTruncated:
		rep.body = rep.body[:len(rep.body)*2/3]
		c.send(w, rep)
	case faultCut:
		c.stats.status(0)
		c.head(w, rep)
		_, _ = w.Write(rep.body[:len(rep.body)/2])
		_ = http.NewResponseController(w).Flush()
		time.Sleep(20 * time.Millisecond) // long enough for the first half to arrive alone
		panic(http.ErrAbortHandler)
	default:
		c.send(w, rep)
	}
}

// tear closes the connection with a reset, without an answer.
func tear(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func (c *Campus) send(w http.ResponseWriter, rep *reply) {
	c.stats.status(rep.status)
	c.head(w, rep)
	_, _ = w.Write(rep.body) // an error means that the client is gone
}

func (c *Campus) head(w http.ResponseWriter, rep *reply) {
	h := w.Header()
	for k, v := range rep.header {
		h[k] = v
	}
	h["Content-Type"] = nil // ours is in lower case; keep net/http from guessing another
	h.Set("Content-Length", strconv.Itoa(len(rep.body)))
	w.WriteHeader(rep.status)
}
