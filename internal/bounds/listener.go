package bounds

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

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

// Listener accepts connections, of which at most some are open at once. When there are as many, another one takes the place of the one that
// has been waiting for its client for longest (conn.waits), so that nobody keeps others out with connections that they do not use. While
// Kivuko is at work for all of them, others wait. A write to a connection fails when its client does not read for about half a minute.
type Listener struct {
	net.Listener
	began  time.Time
	closed chan struct{} // by Close
	room   chan struct{} // has an element after a connection was closed

	mu     sync.Mutex
	most   int
	open   map[*conn]struct{}
	idlers []idler // some that are to be closed next, from the end
	ending bool    // no connection is for a first request now
	once   sync.Once
}

// idler is a connection that has been waiting for its client since a time.
type idler struct {
	*conn
	since time.Duration
}

// Listen has the connections that l accepts be at most some at once.
func Listen(l net.Listener, most int) *Listener {
	return &Listener{Listener: l, most: most, began: time.Now(), open: map[*conn]struct{}{}, closed: make(chan struct{}), room: make(chan struct{}, 1)}
}

// Configure has a server that is about to serve l keep all bounds of this package.
func (l *Listener) Configure(srv *http.Server) {
	srv.Handler = Handler(srv.Handler)
	srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	srv.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			c.(*conn).expects()
		}
	}
	srv.RegisterOnShutdown(l.end)
}

// connKey is the key of the *conn in the contexts of its requests.
type connKey struct{}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	accepted := &conn{Conn: c, listener: l}
	accepted.expects()
	for !l.add(accepted) {
		select {
		case <-l.room:
		case <-time.After(lookAgain): // whether one waits for its client now
		case <-l.closed:
			c.Close()
			return nil, net.ErrClosed
		}
	}
	return accepted, nil
}

// lookAgain is how often a listener looks for a connection to close, while it has a client who waits.
const lookAgain = 50 * time.Millisecond

// add makes c one of the open connections, if need be in the place of another one; false: there is no place.
func (l *Listener) add(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= l.most {
		other := l.idler()
		if other == nil {
			return false
		}
		delete(l.open, other)
		other.Conn.Close()
	}
	l.open[c] = struct{}{}
	if l.ending {
		c.Conn.Close()
	}
	return true
}

// idler returns the connection to close for another one; nil: none.
func (l *Listener) idler() *conn {
	for {
		for len(l.idlers) > 0 {
			last := len(l.idlers) - 1
			x := l.idlers[last]
			l.idlers = l.idlers[:last]
			if _, open := l.open[x.conn]; open && x.waits() == x.since {
				return x.conn
			}
		}
		if l.idlers = l.findIdlers(); len(l.idlers) == 0 {
			return nil
		}
	}
}

// findIdlers returns connections that wait for their clients: the oldest eighth of those that never had a whole request, or else of all,
// with the oldest at the end. They are found together since all connections have to be looked at.
func (l *Listener) findIdlers() []idler {
	var fresh, used []idler
	for c := range l.open {
		if since := c.waits(); since != 0 && c.used.Load() {
			used = append(used, idler{c, since})
		} else if since != 0 {
			fresh = append(fresh, idler{c, since})
		}
	}
	found := fresh
	if len(fresh) == 0 {
		found = used
	}
	slices.SortFunc(found, func(a, b idler) int { return cmp.Compare(b.since, a.since) })
	return found[len(found)-(len(found)+7)/8:]
}

// end closes the connections on which no request has come yet, and those that are accepted from now on. Clients open such ones to have
// them at hand, and http.Server's Shutdown would wait up to five seconds for each.
func (l *Listener) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ending = true
	for c := range l.open {
		if !c.used.Load() && !c.handled.Load() {
			c.Conn.Close()
		}
	}
}

// remove has a connection's place be another one's.
func (l *Listener) remove(c *conn) {
	l.mu.Lock()
	delete(l.open, c)
	l.mu.Unlock()
	select {
	case l.room <- struct{}{}:
	default: // it is known
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
