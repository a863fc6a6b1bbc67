package browsertest_test

import (
	"cmp"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kivuko/kivuko/internal/proctest"
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

// Restore lets connections through again.
func (c *cable) Restore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}

// slowLine is a server before another, which holds back an answer that the other has given.
type slowLine struct {
	URL  string
	held chan struct{} // has a value when an answer is held back
	open chan int      // tells with which status it is to go on; 0: with its own

	mu   sync.Mutex
	hold func(*http.Request) bool // which answer is held back next; nil: none
}

func slow(t *testing.T, server string) *slowLine {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l := &slowLine{held: make(chan struct{}, 1), open: make(chan int, 1)}
	s := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }, ModifyResponse: l.answer})
	l.URL = s.URL
	t.Cleanup(s.CloseClientConnections)
	return l
}

func (l *slowLine) answer(answer *http.Response) error {
	l.mu.Lock()
	held := l.hold != nil && l.hold(answer.Request)
	if held {
		l.hold = nil
	}
	l.mu.Unlock()
	if !held {
		return nil
	}
	l.held <- struct{}{}
	select {
	case status := <-l.open:
		answer.StatusCode = cmp.Or(status, answer.StatusCode)
	case <-time.After(time.Minute):
	}
	return nil
}

// Hold has the next answer to such a request held back.
func (l *slowLine) Hold(which func(*http.Request) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold = which
}

// Held waits until there is that answer.
func (l *slowLine) Held(t *testing.T) {
	t.Helper()
	proctest.Soon(t, "the page asks for it", func() bool {
		select {
		case <-l.held:
			return true
		default:
		}
		resp, err := http.Get(l.URL + "/favicon.ico") // so that a look takes the time that a request takes
		if err == nil {
			resp.Body.Close()
		}
		return false
	})
}

// LetGo lets the answer go on.
func (l *slowLine) LetGo() { l.open <- 0 }

// Fail has it go on with another status.
func (l *slowLine) Fail(status int) { l.open <- status }
