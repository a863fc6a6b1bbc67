package app

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// closeServer refuses new requests and waits a moment for those under way.
func (k *App) closeServer() {
	ctx, cancel := context.WithTimeout(context.Background(), drainRequests)
	defer cancel()
	if err := k.server.Shutdown(ctx); err != nil {
		k.server.Close()
	}
}

// newcomers are the connections on which no request has come yet. Clients open such ones to have them at hand, and
// http.Server would wait up to five seconds for each.
type newcomers struct {
	count  atomic.Int64 // len(conns), for the many requests on connections that are not new
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

// note is an http.Server's ConnState.
func (n *newcomers) note(c net.Conn, state http.ConnState) {
	if state != http.StateNew && n.count.Load() == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(n.conns, c)
	case n.closed:
		c.Close()
	case n.conns == nil:
		n.conns = map[net.Conn]struct{}{c: {}}
	default:
		n.conns[c] = struct{}{}
	}
	n.count.Store(int64(len(n.conns)))
}

// close closes them, and those that are still to be noted.
func (n *newcomers) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for c := range n.conns {
		c.Close()
	}
}
