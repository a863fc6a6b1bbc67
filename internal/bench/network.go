package bench

import (
	"fmt"
	"net"
	"time"
)

// A network carries the generator's bytes. One goroutine drives it and everything that hangs on it: handlers are called from
// poll only, so the generator needs no locks, and what arrives together is handled together.
type network interface {
	// adopt takes a connection over, for a handler.
	adopt(c *net.TCPConn, h handler) (link, error)
	// accept takes a listener over; the connections that it accepts belong to the handler.
	accept(l *net.TCPListener, h handler) error
	// poll waits until something arrives, at most as long as the timeout, and hands it to the handlers.
	poll(timeout time.Duration) error
	// close closes everything that was taken over.
	close()
}

// A link is one connection.
type link interface {
	// send writes b. Messages are small and are never sent before the former was answered: a link without room for one is broken.
	send(b []byte) error
	// close closes the connection; its handler is not told.
	close()
}

// A handler reads what arrives at a link.
type handler interface {
	// received is given all bytes that it has not used yet and says how many of them it used now. After an error the link is
	// closed and lost.
	received(l link, data []byte) (used int, err error)
	// lost says that the link is closed: by the other side (io.EOF), or for the error.
	lost(l link, err error)
}

// bufferSize bounds a message that arrives.
const bufferSize = 64 << 10

var errTooLong = fmt.Errorf("a message of more than %d bytes", bufferSize)
