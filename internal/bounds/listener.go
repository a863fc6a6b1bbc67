package bounds

import (
	"net"
	"sync"
)

// The bounds of descriptors that are reckoned with.
const (
	usualDescriptors = 1024    // where the system doesn't say
	maxDescriptors   = 1 << 17 // more connections than this are not for one process
)

// Clients is how many connections of clients are open at once: half of what the process may have open. The other half is for couriers,
// which have half of that, for the database and for files.
func Clients() int { return max(descriptors()/2, 1) }

// Couriers is how many connections to merchants' servers are open at once.
func Couriers() int { return max(descriptors()/4, 1) }

// Listener accepts no connection while most of those that it accepted are open: others wait with the system.
func Listener(l net.Listener, most int) net.Listener {
	return &listener{Listener: l, open: make(chan struct{}, most), closed: make(chan struct{})}
}

type listener struct {
	net.Listener
	open   chan struct{} // has one element for each open connection
	once   sync.Once
	closed chan struct{}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &conn{Conn: c, release: func() { <-l.open }}, nil
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type conn struct {
	net.Conn
	once    sync.Once
	release func()
}

// Close implements net.Conn.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}
