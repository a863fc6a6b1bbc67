package browsertest_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// cable is a line to a server that can be cut.
type cable struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

// plugIn lays a cable to a URL.
func plugIn(t *testing.T, url string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{listener: l, to: strings.TrimPrefix(url, "http://")}
	t.Cleanup(func() {
		l.Close()
		c.Cut()
	})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go c.carry(conn)
		}
	}()
	return c
}

// URL is the near end.
func (c *cable) URL() string { return "http://" + c.listener.Addr().String() }

func (c *cable) carry(near net.Conn) {
	far, err := net.Dial("tcp", c.to)
	if err != nil || !c.hold(near, far) {
		near.Close()
		return
	}
	go func() {
		_, _ = io.Copy(far, near)
		far.Close()
	}()
	_, _ = io.Copy(near, far)
	near.Close()
}

// hold keeps connections to be cut, and tells whether the cable is whole.
func (c *cable) hold(conns ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns = append(c.conns, conns...)
	if c.cut {
		c.hangUp()
	}
	return !c.cut
}

func (c *cable) hangUp() {
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// Cut ends all connections, and every new one.
func (c *cable) Cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	c.hangUp()
}

// Mend lets connections through again.
func (c *cable) Mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}
