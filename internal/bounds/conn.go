package bounds

import (
	"net"
	"sync/atomic"
	"time"
)

const (
	// writeTime is how long a client may take to read what is written to it at once.
	writeTime = 30 * time.Second
	// slowWrite is how long a client may take to read before its connection counts as one that waits for it.
	slowWrite = 100 * time.Millisecond
)

// conn is a connection of a client. Times are since its listener began, and at least a nanosecond; 0 is never.
type conn struct {
	net.Conn
	listener *Listener
	body     body // of its request

	used     atomic.Bool  // it has had a whole request
	expected atomic.Int64 // since when a request is expected, or its body; 0: it is there
	handled  atomic.Bool  // the request is there, but perhaps for its body
	reading  atomic.Bool  // Read is under way
	writing  atomic.Int64 // since when Write is under way; 0: it isn't
	renewed  atomic.Int64 // when the deadline of writes was last set
}

// now is the time of a connection.
func (c *conn) now() int64 { return max(1, int64(time.Since(c.listener.began))) }

// expects notes that the next request is expected.
func (c *conn) expects() {
	c.expected.Store(c.now())
	c.handled.Store(false)
}

// has notes that a request is there, whole or without its body.
func (c *conn) has(whole bool) {
	c.handled.Store(true)
	if whole {
		c.used.Store(true)
		c.expected.Store(0)
	}
}

// waits returns since when a connection has been waiting for its client: to send a request or the rest of one, or to read an answer.
// It returns 0 for one that isn't.
func (c *conn) waits() time.Duration {
	if since := c.writing.Load(); since != 0 && time.Duration(c.now()-since) > slowWrite {
		return time.Duration(since)
	}
	if since := c.expected.Load(); since != 0 && (!c.handled.Load() || c.reading.Load()) {
		return time.Duration(since)
	}
	return 0
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	c.reading.Store(true)
	n, err := c.Conn.Read(p)
	c.reading.Store(false)
	return n, err
}

// Write implements net.Conn. It sets the deadline anew where that of earlier writes leaves less than most of the time: setting it with each
// would cost a busy connection as much as a system call.
func (c *conn) Write(p []byte) (int, error) {
	now := c.now()
	if last := c.renewed.Load(); last == 0 || time.Duration(now-last) > writeTime/8 {
		c.renewed.Store(now)
		if err := c.Conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
			return 0, err
		}
	}
	c.writing.Store(now)
	n, err := c.Conn.Write(p)
	c.writing.Store(0)
	return n, err
}

// Close implements net.Conn.
func (c *conn) Close() error {
	err := c.Conn.Close()
	c.listener.remove(c)
	return err
}
