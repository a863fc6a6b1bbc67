package bounds

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// writeTime is how long a client may take to read what is written to it at once.
const writeTime = 30 * time.Second

// The bounds of descriptors that are reckoned with.
const (
	usualDescriptors = 1024    // where the system doesn't say
	maxDescriptors   = 1 << 17 // more connections than this are not for one process
)

// Clients is how many connections of clients are open at once: half of what the process may have open. The other half is for callbacks,
// which have half of that, for the database and for files.
func Clients() int { return max(descriptors()/2, 1) }

// Deliveries is how many connections to merchants' servers are open at once.
func Deliveries() int { return max(descriptors()/4, 1) }

// Listener accepts no connection while most of those that it accepted are open: others wait with the system. A write to a connection fails
// when its client does not read for about half a minute.
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
	return &conn{Conn: c, release: func() { <-l.open }, started: time.Now()}, nil
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
	started time.Time
	renewed atomic.Int64 // when the deadline of writes was last set, nanoseconds after started; 0: never
}

// Write implements net.Conn. It sets the deadline anew where that of earlier writes leaves less than most of the time: setting it with each
// would cost a busy connection as much as a system call.
func (c *conn) Write(p []byte) (int, error) {
	if now, last := time.Since(c.started), c.renewed.Load(); last == 0 || now-time.Duration(last) > writeTime/8 {
		c.renewed.Store(max(1, int64(now)))
		if err := c.Conn.SetWriteDeadline(c.started.Add(now + writeTime)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(p)
}

// Close implements net.Conn.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.once.Do(c.release)
	return err
}
